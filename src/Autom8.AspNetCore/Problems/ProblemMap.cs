using Autom8.Contacts;
using Autom8.Scheduling;
using Autom8.Security.Accounts;
using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using Autom8.Security.Passwords;
using Microsoft.AspNetCore.Http;

namespace Autom8.AspNetCore;

/// <summary>What each exception of the packages is over HTTP. What is not known here is a failure of ours and tells the client nothing.</summary>
internal static class ProblemMap
{
    public static ProblemResult From(Exception error) =>
        error switch
        {
            BadHttpRequestException bad => BadInput.From(bad),
            ContactValidationException invalid => new ProblemResult(
                ProblemType.InvalidRequest,
                "Correct the fields named under 'errors'.",
                invalid.Problems.GroupBy(p => p.Field, p => p.Message).ToDictionary(g => g.Key, g => g.ToArray())
            ),
            ContactNotFoundException => new ProblemResult(ProblemType.NotFound, "No contact has this id, or it was deleted."),
            ContactVersionConflictException stale => new ProblemResult(
                ProblemType.StaleVersion,
                $"The contact is at version {stale.CurrentVersion}. Read it again and repeat the change."
            ),
            SchedulingException scheduling => From(scheduling),
            AccountConflictException conflict => new ProblemResult(ProblemType.Conflict, conflict.Message),
            PasswordHashingBusyException busy => new ProblemResult(
                ProblemType.Busy,
                "Too many sign-ins at once.",
                retryAfter: busy.RetryAfter
            ),
            EpochsUnknownException unknown => new ProblemResult(
                ProblemType.Busy,
                "The accounts' database does not answer.",
                retryAfter: unknown.RetryAfter
            ),
            KeyringStaleException stale => new ProblemResult(
                ProblemType.Busy,
                "This node cannot read its keyring and makes nothing new meanwhile.",
                retryAfter: stale.RetryAfter
            ),
            FieldProtectionException damaged => new ProblemResult(ProblemType.DamagedRecord, damaged.Message),
            _ => new ProblemResult(ProblemType.Failed, "It is in the log under this request's id."),
        };

    private static ProblemResult From(SchedulingException error) =>
        error.Error switch
        {
            SchedulingError.Invalid => ProblemResult.Invalid(JsonName(error.Field), error.Message),
            SchedulingError.UnknownTask => new ProblemResult(ProblemType.NotFound, "No task has this id."),
            SchedulingError.UnknownJob => new ProblemResult(ProblemType.NotFound, "No job has this id."),
            SchedulingError.StaleVersion => new ProblemResult(ProblemType.StaleVersion, error.Message),
            SchedulingError.NameTaken => new ProblemResult(ProblemType.Conflict, error.Message),
            _ => new ProblemResult(ProblemType.Failed, "It is in the log under this request's id."),
        };

    // The properties whose JSON names are not their own in camel case.
    private static string JsonName(string? field) =>
        field switch
        {
            null or "" => "body",
            "Timeout" => "timeoutSeconds",
            "MisfireWindow" => "misfireWindowSeconds",
            "Retry.Delay" => "retry.delaySeconds",
            "Retry.MaxDelay" => "retry.maxDelaySeconds",
            "Alerts.LateAfter" => "alerts.lateAfterSeconds",
            "Alerts.ExpectSuccessEvery" => "alerts.expectSuccessEverySeconds",
            "Alerts.RemindEvery" => "alerts.remindEverySeconds",
            _ when field.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot => JsonName(field[..dot])
                + "."
                + JsonName(field[(dot + 1)..]),
            _ => char.ToLowerInvariant(field[0]) + field[1..],
        };
}
