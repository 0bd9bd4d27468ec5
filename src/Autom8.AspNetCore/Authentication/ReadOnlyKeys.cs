using Microsoft.AspNetCore.Http;

namespace Autom8.AspNetCore;

/// <summary>Keeps keys without the scope <c>write</c> to what asks: safe methods (RFC 9110, section 9.2.1), and endpoints that say of themselves that they only ask.</summary>
internal sealed class ReadOnlyKeys(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context) =>
        !context.User.HasClaim(static claim => claim.Type == Caller.ReadOnlyClaim) || IsRead(context)
            ? next(context)
            : new ProblemResult(ProblemType.Forbidden, "This key may read only; this takes one with the scope 'write'.").ExecuteAsync(
                context
            );

    private static bool IsRead(HttpContext context) =>
        HttpMethods.IsGet(context.Request.Method)
        || HttpMethods.IsHead(context.Request.Method)
        || HttpMethods.IsOptions(context.Request.Method)
        || context.GetEndpoint()?.Metadata.GetMetadata<OnlyReads>() is not null;
}

/// <summary>Says of an endpoint that it changes nothing, although its method could.</summary>
internal sealed class OnlyReads
{
    public static OnlyReads Instance { get; } = new();
}
