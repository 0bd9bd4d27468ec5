using Microsoft.AspNetCore.Http;

namespace Autom8.AspNetCore;

/// <summary>Limits what one account asks, after authentication and before the request is read.</summary>
internal sealed class SubjectLimit(RequestDelegate next, RequestLimits limits)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.User.SubjectId() is not { } subject)
        {
            return next(context);
        }

        var asked = limits.TrySubjectAsync(context, subject);
        return asked.IsCompletedSuccessfully ? GoOn(context, asked.Result) : WaitAsync(context, asked);
    }

    private async Task WaitAsync(HttpContext context, ValueTask<TimeSpan?> asked) =>
        await GoOn(context, await asked.ConfigureAwait(false)).ConfigureAwait(false);

    private Task GoOn(HttpContext context, TimeSpan? retryAfter) =>
        retryAfter is null
            ? next(context)
            : new ProblemResult(ProblemType.TooManyRequests, "This account asks too often.", retryAfter: retryAfter).ExecuteAsync(context);
}
