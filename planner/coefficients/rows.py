"""The rows that every program over coefficients shares, named by the limits they stand for."""

from dataclasses import dataclass

import numpy as np
import pulp

from planner.coefficients.problem import Shares
from planner.coefficients.region import Region


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The members' variables: coefficient [parts of the grid] = offset + unit x variable."""

    variables: list[pulp.LpVariable]
    offset: Shares
    unit: float


def add_sum(program: pulp.LpProblem, region: Region, columns: Columns) -> pulp.LpConstraint:
    """Make the coefficients sum to one.

    Parameters
    ----------
    program : pulp.LpProblem
        What to add to.
    region : Region
        Limits on a grid.
    columns : Columns
        The members' variables.

    Returns
    -------
    pulp.LpConstraint
        The row ``sum_of_coefficients``, whose dual is the price of the sum.
    """
    rest = (region.grid - float(columns.offset.sum())) / columns.unit
    row = pulp.LpAffineExpression([(share, 1.0) for share in columns.variables]) == rest
    program.addConstraint(row, "sum_of_coefficients")
    return row


def add_intervals(program: pulp.LpProblem, region: Region, columns: Columns) -> None:
    """Bound each member's coefficient by each limit that bounds it, under the limit's label.

    Parameters
    ----------
    program : pulp.LpProblem
        What to add to.
    region : Region
        Limits on a grid.
    columns : Columns
        The members' variables.
    """
    for interval in region.intervals:
        low = (interval.lower - columns.offset) / columns.unit
        high = (interval.upper - columns.offset) / columns.unit
        for member in np.flatnonzero(interval.lower > 0).tolist():
            row = pulp.LpAffineExpression([(columns.variables[member], 1.0)]) >= float(low[member])
            _add_row(program, row, f"{interval.label}_least_{member}")
        for member in np.flatnonzero(interval.upper < region.grid).tolist():
            row = pulp.LpAffineExpression([(columns.variables[member], 1.0)]) <= float(high[member])
            _add_row(program, row, f"{interval.label}_greatest_{member}")


def add_groups(
    program: pulp.LpProblem, region: Region, columns: Columns
) -> dict[str, pulp.LpConstraint]:
    """Bound the sum of each group's coefficients, under the group's label.

    Parameters
    ----------
    program : pulp.LpProblem
        What to add to.
    region : Region
        Limits on a grid.
    columns : Columns
        The members' variables.

    Returns
    -------
    dict of str to pulp.LpConstraint
        The rows by label.
    """
    rows = {}
    for group in region.groups:
        members = np.flatnonzero(group.members).tolist()
        total = pulp.LpAffineExpression([(columns.variables[member], 1.0) for member in members])
        offset = float(columns.offset[members].sum())
        if group.upper < region.grid:
            row = total <= (group.upper - offset) / columns.unit
        else:
            row = total >= (group.lower - offset) / columns.unit
        _add_row(program, row, group.label)
        rows[group.label] = row
    return rows


def add_change(
    program: pulp.LpProblem, region: Region, columns: Columns
) -> pulp.LpConstraint | None:
    """Bound the sum of all changes, each split into a part up and a part down.

    Parameters
    ----------
    program : pulp.LpProblem
        What to add to.
    region : Region
        Limits on a grid.
    columns : Columns
        The members' variables.

    Returns
    -------
    pulp.LpConstraint or None
        The row ``change_in_total``; None if changes have no limit.
    """
    change = region.change
    if change is None:
        return None
    parts: list[tuple[pulp.LpVariable, float]] = []
    around = (change.around - columns.offset) / columns.unit
    for member, share in enumerate(columns.variables):
        up = program.add_variable(f"up_{member}", 0)
        down = program.add_variable(f"down_{member}", 0)
        row = pulp.LpAffineExpression([(share, 1.0), (up, -1.0), (down, 1.0)])
        program.addConstraint(row == float(around[member]), f"change_{member}")
        parts += [(up, 1.0), (down, 1.0)]
    total = pulp.LpAffineExpression(parts) <= change.most / columns.unit
    program.addConstraint(total, change.label)
    return total


def _add_row(program: pulp.LpProblem, row: pulp.LpConstraint, label: str) -> None:
    """Add a row under its label; PuLP makes some signs underscores, so that names may meet."""
    row.name, number = label, 1
    while program.get_constraint_by_name(row.name) is not None:
        number += 1
        row.name = f"{label}__{number}"
    program.addConstraint(row)
