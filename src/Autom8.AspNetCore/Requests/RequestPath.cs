using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Autom8.AspNetCore;

/// <summary>
/// The outermost part of every request's way: plaintext from elsewhere is turned away, headers and id are set, one line is logged, the client's network is
/// limited, and whatever goes wrong further in becomes problem details.
/// </summary>
internal sealed class RequestPath(
    RequestDelegate next,
    IOptions<ApiOptions> options,
    RequestLimits limits,
    TimeProvider time,
    ILogger<RequestPath> logger
)
{
    private readonly bool _allowPlaintext = options.Value.AllowPlaintext;
    private readonly long _maxBodyBytes = options.Value.MaxBodyBytes;

    public async Task InvokeAsync(HttpContext context)
    {
        var started = time.GetTimestamp();
        RequestIdentity.Assign(context, time);
        SecurityHeaderSet.Api.Apply(context);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = _maxBodyBytes;
        }

        try
        {
            if (!_allowPlaintext && !context.Request.IsHttps && !IsLoopback(context.Connection.RemoteIpAddress))
            {
                await new ProblemResult(ProblemType.TlsRequired, "Use https, or set Autom8:Api:AllowPlaintext on a network that you trust.")
                    .ExecuteAsync(context)
                    .ConfigureAwait(false);
            }
            else if (await limits.TryNetworkAsync(context).ConfigureAwait(false) is { } retryAfter)
            {
                await new ProblemResult(ProblemType.TooManyRequests, "This network asks too often.", retryAfter: retryAfter)
                    .ExecuteAsync(context)
                    .ConfigureAwait(false);
            }
            else
            {
                await next(context).ConfigureAwait(false);
                await DescribeBareStatusAsync(context).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client is gone: there is nobody to answer, and nothing failed. 499 is what nginx logs for it.
            if (!context.Response.HasStarted)
            {
                context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            }
        }
        catch (Exception error) when (!context.Response.HasStarted)
        {
            var problem = ProblemMap.From(error);
            if (problem.StatusCode >= StatusCodes.Status500InternalServerError)
            {
                RequestLog.Failed(logger, context.TraceIdentifier, error);
            }

            await problem.ExecuteAsync(context).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // The answer is under way: the connection is cut, so that the client cannot take a part for the whole.
            RequestLog.Failed(logger, context.TraceIdentifier, error);
            context.Abort();
        }

        RequestLog.Answered(
            logger,
            context.Request.Method,
            (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "(none)",
            context.Response.StatusCode,
            time.GetElapsedTime(started).TotalMilliseconds,
            context.TraceIdentifier
        );
    }

    // Routing and Kestrel set a status without a body: 404, 405, 415.
    private static Task DescribeBareStatusAsync(HttpContext context) =>
        context.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null, ContentType: null }
            ? Describe(context).ExecuteAsync(context)
            : Task.CompletedTask;

    private static ProblemResult Describe(HttpContext context) =>
        context.Response.StatusCode == StatusCodes.Status400BadRequest
            ? BadInput.From(context)
            : ProblemResult.ForStatus(context.Response.StatusCode);

    private static bool IsLoopback(IPAddress? address) => address is null || IPAddress.IsLoopback(address);
}

internal static partial class RequestLog
{
    // The route's pattern, never the path or the query: a log line names no person.
    [LoggerMessage(1, LogLevel.Information, "{Method} {Route} answered {Status} in {Elapsed:0.0} ms, request {RequestId}")]
    public static partial void Answered(ILogger logger, string method, string route, int status, double elapsed, string requestId);

    [LoggerMessage(2, LogLevel.Error, "Request {RequestId} failed")]
    public static partial void Failed(ILogger logger, string requestId, Exception error);
}
