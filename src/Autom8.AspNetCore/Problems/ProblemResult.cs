using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Autom8.AspNetCore;

/// <summary>Answers with problem details.</summary>
internal sealed class ProblemResult(
    ProblemType type,
    string? detail = null,
    IReadOnlyDictionary<string, string[]>? errors = null,
    TimeSpan? retryAfter = null
) : IResult, IStatusCodeHttpResult
{
    public int? StatusCode => type.Status;

    /// <summary>Bad input, said of one field.</summary>
    public static ProblemResult Invalid(string field, string message) =>
        new(
            ProblemType.InvalidRequest,
            "Correct the field named under 'errors'.",
            new Dictionary<string, string[]> { [field] = [message] }
        );

    /// <summary>What a bare status code says, in words.</summary>
    public static ProblemResult ForStatus(int status) =>
        new(
            ProblemType.ForStatus(status),
            status switch
            {
                StatusCodes.Status404NotFound => "The OpenAPI document at /openapi/v1.json lists what there is.",
                StatusCodes.Status405MethodNotAllowed => "The Allow header lists the methods that it takes.",
                StatusCodes.Status413PayloadTooLarge => "Send less at once.",
                StatusCodes.Status415UnsupportedMediaType =>
                    "Send 'Content-Type: application/json', or for an import 'text/vcard' or 'text/csv'.",
                _ => null,
            }
        );

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        var response = httpContext.Response;
        response.StatusCode = type.Status;
        response.ContentType = "application/problem+json";
        response.Headers.CacheControl = "no-store";
        if (retryAfter is { } delay)
        {
            // RFC 9110 10.2.3: whole seconds; rounded up, so that whoever obeys is let in.
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(delay.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        if (type.Status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        await JsonSerializer
            .SerializeAsync(
                response.Body,
                type.With(detail, httpContext.TraceIdentifier, errors),
                ApiJson.Api.Problem,
                httpContext.RequestAborted
            )
            .ConfigureAwait(false);
    }
}
