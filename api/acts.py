"""What a caller sets out to do, as the audit trail tells it."""

from api.authentication import Principal
from api.clock import now
from api.services.audit.keep_trail import Act
from api.telemetry import TRACEPARENT
from models.values.access import NOBODY
from models.values.audit import AuditChannel


def describe_act(
    principal: Principal,
    channel: AuditChannel,
    action: str,
    correlation_id: str,
    *,
    is_told_by_events: bool = False,
) -> Act:
    """Tell who does something, in the chain of the promoter it works for."""
    owner = principal.promoter_id
    return Act(
        channel=channel,
        action=action,
        correlation_id=correlation_id,
        clock=now,
        actor_role=principal.role,
        account_id=principal.account_id,
        token_id=principal.token_id,
        promoter_id=None if owner == NOBODY else owner,
        is_told_by_events=is_told_by_events,
        traceparent=TRACEPARENT.get(),
    )
