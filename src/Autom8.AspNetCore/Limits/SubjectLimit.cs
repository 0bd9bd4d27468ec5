using Microsoft.AspNetCore.Http;

namespace Autom8.AspNetCore;

/// <summary>Limits what one account asks, after authentication and before the request is read.</summary>
internal sealed class SubjectLimit(RequestDelegate next, RequestLimits limits)
{
    public Task InvokeAsync(HttpContext context) =>
        context.User.SubjectId() is { } subject && !limits.TrySubject(context, subject, out var retryAfter)
            ? new ProblemResult(ProblemType.TooManyRequests, "This account asks too often.", retryAfter: retryAfter).ExecuteAsync(context)
            : next(context);
}
