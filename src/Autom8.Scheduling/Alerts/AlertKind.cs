namespace Autom8.Scheduling.Alerts;

/// <summary>What an alert is about.</summary>
public enum AlertKind
{
    /// <summary>A run failed, and the task had been well before.</summary>
    Failed,

    /// <summary>An occurrence or job failed for good after its last attempt. Follows <see cref="Failed"/> once when attempts are alerted on too.</summary>
    Dead,

    /// <summary>An occurrence began later than <see cref="AlertPolicy.LateAfter"/>, or is still waiting after that.</summary>
    Late,

    /// <summary>Nothing succeeded for <see cref="AlertPolicy.ExpectSuccessEvery"/>: the dead man's switch.</summary>
    Missing,

    /// <summary>One of the others is over; <see cref="SchedulerAlert.RecoveredFrom"/> says which.</summary>
    Recovered,
}
