"""The cast: twenty who share and eight who wait, each with habits of their own."""

from dataclasses import dataclass

from scripts.demo_community.uses import (
    DAYS_OFF,
    OPEN_DAYS,
    WORKDAYS,
    Cooling,
    Habit,
    Heating,
    Machine,
    NightLighting,
    Routine,
)

MORNINGS_AND_EVENINGS = ((6.5, 8.5, 1), (17.5, 24, 1))
AWAKE = ((7, 24, 1),)
SLEEPING = ((0, 8, 0.4),)
OFFICE_HOURS = ((8, 18, 1),)

SUMMER_FORTNIGHT = (((8, 4), (8, 17)),)
WHOLE_AUGUST = (((8, 1), (8, 31)),)
SCHOOL_BREAKS = (((1, 1), (1, 6)), ((3, 16), (3, 19)), ((6, 21), (9, 8)), ((12, 23), (12, 31)))

WASHING = Machine(kw=0.75, hours=1.2, start=19.5, spread=2.0, per_week=3.5)
WASHING_AT_NOON = Machine(kw=0.75, hours=1.2, start=12.0, spread=1.8, per_week=3.5)
DISHES = Machine(kw=0.85, hours=1.2, start=21.8, spread=0.7, per_week=4.5)
WEEKEND_OVEN = Machine(kw=1.6, hours=1.0, start=13.2, spread=0.6, per_week=1.2, days=DAYS_OFF)

COMMUTERS = Routine(
    workday=((6.5, 8, 0.45), (18.5, 20.5, 0.40), (20.5, 23.5, 0.75)),
    saturday=((9, 12, 0.35), (13, 16, 0.70), (20, 24, 0.60)),
    sunday=((9.5, 12, 0.35), (13, 16, 0.80), (19, 23.5, 0.55)),
)
LIVES_ALONE = Routine(
    workday=((7, 8.5, 0.30), (19, 21, 0.35), (21, 23.5, 0.55)),
    saturday=((10, 12, 0.25), (14, 16, 0.40), (20, 22, 0.30)),
    sunday=((10, 12, 0.25), (14, 16, 0.50), (19, 23.5, 0.35)),
)
AT_HOME_ALL_DAY = Routine(
    workday=((7.5, 12, 0.22), (12, 15, 0.75), (15, 20, 0.25), (20, 23, 0.50)),
    saturday=((8, 12, 0.22), (12, 15, 0.80), (15, 20, 0.22), (20, 23.5, 0.50)),
    sunday=((8, 12, 0.22), (12, 15.5, 0.95), (15.5, 20, 0.20), (20, 23, 0.45)),
)
HOME_OFFICE = Routine(
    workday=((7, 9, 0.40), (9, 18.5, 0.33), (13.5, 15, 0.70), (20, 23.5, 0.60)),
    saturday=((9, 13, 0.30), (13, 16, 0.70), (20, 24, 0.50)),
    sunday=((9.5, 13, 0.30), (13, 16, 0.75), (20, 23.5, 0.50)),
)
FAMILY = Routine(
    workday=((6.8, 8.5, 0.65), (13.5, 15, 0.35), (17, 20, 0.50), (20, 23, 1.05)),
    saturday=((8.5, 13, 0.50), (13, 16, 1.00), (18, 24, 0.70)),
    sunday=((9, 13, 0.50), (13, 16, 1.10), (18, 23, 0.75)),
)
NIGHT_OWLS = Routine(
    workday=((0, 2, 0.45), (8.5, 10, 0.30), (14.5, 16, 0.55), (20, 24, 0.70)),
    saturday=((0, 3, 0.40), (12, 16, 0.60), (20, 24, 0.45)),
    sunday=((0, 4, 0.40), (12.5, 17, 0.65), (20, 24, 0.65)),
)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A home or business: what it is, what it contracted and how it lives."""

    kind: str
    contracted_kw: float
    habit: Habit


MEMBERS: tuple[Neighbour, ...] = (
    Neighbour(
        "home: commuters",
        4.6,
        Habit(0.11, (COMMUTERS, WASHING, DISHES, WEEKEND_OVEN), SUMMER_FORTNIGHT),
    ),
    Neighbour("home: lives alone", 3.45, Habit(0.085, (LIVES_ALONE, WASHING), SUMMER_FORTNIGHT)),
    Neighbour(
        "home: retired couple",
        4.6,
        Habit(0.13, (AT_HOME_ALL_DAY, WASHING_AT_NOON, Cooling(0.10, 1.0, ((12, 23, 1),), 26.0))),
    ),
    Neighbour("home: retired, alone", 3.45, Habit(0.09, (AT_HOME_ALL_DAY,))),
    Neighbour(
        "home: home office",
        5.75,
        Habit(
            0.14,
            (HOME_OFFICE, WASHING_AT_NOON, DISHES, Cooling(0.12, 1.2, ((9, 23, 1),))),
            SUMMER_FORTNIGHT,
        ),
    ),
    Neighbour(
        "home: electric car, charged at night",
        9.2,
        Habit(
            0.15,
            (FAMILY, WASHING, DISHES, Machine(6.2, 1.3, 1.0, 0.3, 4.5)),
            SUMMER_FORTNIGHT,
        ),
    ),
    Neighbour(
        "home: electric car, charged at noon",
        9.2,
        Habit(
            0.15,
            (HOME_OFFICE, WASHING_AT_NOON, DISHES, Machine(3.6, 2.3, 12.0, 0.8, 4.5)),
            SUMMER_FORTNIGHT,
        ),
    ),
    Neighbour(
        "home: heat pump",
        6.9,
        Habit(
            0.16,
            (
                FAMILY,
                WASHING,
                DISHES,
                Heating(0.09, 2.2, ((0, 6, 0.4), (6, 23, 1))),
                Cooling(0.07, 1.5, AWAKE),
                Machine(1.1, 1.0, 13.0, 0.3),
            ),
        ),
    ),
    Neighbour(
        "home: air conditioning",
        5.75,
        Habit(
            0.15,
            (FAMILY, WASHING, DISHES, Cooling(0.22, 2.4, (*SLEEPING, (13, 24, 1)), 23.0)),
        ),
    ),
    Neighbour(
        "home: water heated at night",
        5.75,
        Habit(0.12, (COMMUTERS, WASHING, Machine(1.5, 2.2, 4.0, 0.3)), SUMMER_FORTNIGHT),
    ),
    Neighbour(
        "home: shared flat", 4.6, Habit(0.15, (NIGHT_OWLS, WASHING, WEEKEND_OVEN), WHOLE_AUGUST)
    ),
    Neighbour(
        "home: large family",
        6.9,
        Habit(
            0.20,
            (
                FAMILY,
                WASHING,
                WASHING_AT_NOON,
                DISHES,
                WEEKEND_OVEN,
                Machine(kw=1.8, hours=1.0, start=14.2, spread=0.5, per_week=6),
                Cooling(0.08, 1.5, MORNINGS_AND_EVENINGS),
            ),
        ),
    ),
    Neighbour(
        "bakery",
        13.8,
        Habit(
            0.7,
            (
                Routine(
                    workday=((3.5, 8, 6.2), (8, 14, 1.6), (17, 20, 1.1)),
                    saturday=((3, 8, 7.2), (8, 14, 1.9)),
                    sunday=((4, 8, 5.0), (8, 13.5, 1.5)),
                    variation=0.15,
                ),
                Cooling(0.10, 2.0, ((6, 20, 1),)),
            ),
            SUMMER_FORTNIGHT,
        ),
    ),
    Neighbour(
        "bar",
        9.9,
        Habit(
            0.9,
            (
                Routine(
                    workday=((6.5, 12, 1.5), (12, 16, 2.6), (16, 20, 1.2), (20, 23.5, 2.2)),
                    saturday=((7.5, 12, 1.5), (12, 17, 3.0), (17, 20, 1.4), (20, 24, 2.8)),
                    sunday=((8.5, 12, 1.4), (12, 17, 2.8)),
                    variation=0.2,
                ),
                Cooling(0.18, 2.8, ((9, 24, 1),), 23.0),
            ),
        ),
    ),
    Neighbour(
        "hairdresser",
        5.75,
        Habit(
            0.12,
            (
                Routine(
                    workday=((9.5, 13.5, 1.5), (16, 20, 1.7)),
                    saturday=((9, 14, 2.2),),
                    variation=0.3,
                ),
                Heating(0.12, 1.5, ((9.5, 20, 1),), days=OPEN_DAYS),
                Cooling(0.13, 1.5, ((9.5, 20, 1),), 23.0, OPEN_DAYS),
            ),
            WHOLE_AUGUST,
        ),
    ),
    Neighbour(
        "grocer with cold storage",
        11.5,
        Habit(
            1.1,
            (
                Routine(
                    workday=((8.5, 14, 0.9), (17, 21, 0.9)),
                    saturday=((8.5, 14.5, 1.1),),
                    variation=0.12,
                ),
                Cooling(0.045, 3.0, above_c=5.0),
            ),
        ),
    ),
    Neighbour(
        "office",
        10.35,
        Habit(
            0.45,
            (
                Routine(workday=((8, 14.5, 2.2), (14.5, 15.5, 1.4), (15.5, 18.5, 2.0))),
                Heating(0.22, 3.0, OFFICE_HOURS, days=WORKDAYS),
                Cooling(0.24, 3.2, OFFICE_HOURS, 22.5, WORKDAYS),
            ),
        ),
    ),
    Neighbour(
        "school",
        27.7,
        Habit(
            1.3,
            (
                Routine(
                    workday=((7.5, 9, 6), (9, 12.5, 12), (12.5, 15, 13), (15, 17.5, 8)),
                    variation=0.12,
                ),
                Heating(0.5, 6.0, ((7.5, 17, 1),), days=WORKDAYS),
            ),
            SCHOOL_BREAKS,
        ),
    ),
    Neighbour(
        "stairs and lift of a housing block",
        3.45,
        Habit(0.06, (NightLighting(0.22), COMMUTERS)),
    ),
    Neighbour(
        "dental clinic",
        8.05,
        Habit(
            0.35,
            (
                Routine(workday=((9, 14, 2.0), (15.5, 20, 2.1)), variation=0.2),
                Heating(0.18, 2.0, ((9, 20, 1),), days=WORKDAYS),
                Cooling(0.20, 2.4, ((9, 20, 1),), 22.5, WORKDAYS),
            ),
            SUMMER_FORTNIGHT,
        ),
    ),
)

RESERVE: tuple[Neighbour, ...] = (
    Neighbour("home: commuters", 4.6, Habit(0.10, (COMMUTERS, WASHING, DISHES), SUMMER_FORTNIGHT)),
    Neighbour(
        "home: retired couple",
        3.45,
        Habit(0.11, (AT_HOME_ALL_DAY, WASHING_AT_NOON, Heating(0.05, 1.0, AWAKE))),
    ),
    Neighbour(
        "home: home office",
        5.75,
        Habit(0.13, (HOME_OFFICE, WASHING_AT_NOON, Cooling(0.16, 1.6, ((9, 23, 1),), 23.0))),
    ),
    Neighbour(
        "home: electric car, charged at night",
        8.05,
        Habit(0.13, (COMMUTERS, DISHES, Machine(6.0, 1.4, 2.0, 0.4, 4.0))),
    ),
    Neighbour("home: shared flat", 4.6, Habit(0.13, (NIGHT_OWLS, WASHING), WHOLE_AUGUST)),
    Neighbour(
        "carpenter",
        13.8,
        Habit(
            0.2,
            (Routine(workday=((8, 13.5, 5.0), (15, 18, 4.0)), variation=0.25),),
            WHOLE_AUGUST,
        ),
    ),
    Neighbour(
        "pharmacy",
        6.9,
        Habit(
            0.6,
            (
                Routine(workday=((9, 14, 1.2), (16.5, 20.5, 1.3)), saturday=((9.5, 13.5, 1.2),)),
                Cooling(0.15, 2.0, ((9, 21, 1),), 23.0, OPEN_DAYS),
            ),
        ),
    ),
    Neighbour(
        "community centre",
        17.3,
        Habit(
            0.5,
            (
                Routine(
                    workday=((9, 13, 2.5), (16, 21, 4.0)),
                    saturday=((10, 14, 3.0), (17, 21, 4.0)),
                    variation=0.3,
                ),
                Machine(6.0, 2.5, 18.0, 0.5, 2.0, WORKDAYS),
                Cooling(0.4, 4.0, ((10, 21, 1),), 23.0, OPEN_DAYS),
            ),
            WHOLE_AUGUST,
        ),
    ),
)
