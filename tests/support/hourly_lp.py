"""The obvious linear program, one variable a member and hour: slow, and an oracle."""

import numpy as np
import pulp

from planner.sharing_year import SharingYear


def solve_hourly_lp(
    year: SharingYear, lower: float | np.ndarray = 0.0, upper: float | np.ndarray = 1.0
) -> float:
    """Maximise self-consumed energy; return its sum [kWh]."""
    n_members = year.consumption_kwh.shape[0]
    lower, upper = np.broadcast_to(lower, n_members), np.broadcast_to(upper, n_members)
    program = pulp.LpProblem("hourly", pulp.LpMaximize)
    beta = [
        program.add_variable(f"beta_{i}", float(lower[i]), float(upper[i]))
        for i in range(n_members)
    ]
    used = []
    for step in np.flatnonzero(year.generation_kwh > 0).tolist():
        generation = float(year.generation_kwh[step])
        for i in range(n_members):
            consumption = float(year.consumption_kwh[i, step])
            energy = program.add_variable(f"used_{i}_{step}", 0, consumption)
            used.append((energy, 1.0))
            row = pulp.LpAffineExpression([(energy, 1.0), (beta[i], -generation)]) <= 0
            program.addConstraint(row, f"allocated_{i}_{step}")
    program.setObjective(pulp.LpAffineExpression(used))
    total = pulp.LpAffineExpression([(share, 1.0) for share in beta]) == 1
    program.addConstraint(total, "sum")
    program.solve(pulp.HiGHS(msg=False))
    assert program.sol_status == pulp.LpSolutionOptimal
    return float(pulp.value(program.objective))
