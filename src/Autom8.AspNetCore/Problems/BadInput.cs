using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace Autom8.AspNetCore;

/// <summary>Says of a body that could not be read which field is wrong and what would be right, without repeating what was sent.</summary>
internal static class BadInput
{
    private static readonly string[] Required = ["This field is required."];

    public static ProblemResult From(BadHttpRequestException error)
    {
        if (error.StatusCode != StatusCodes.Status400BadRequest)
        {
            return ProblemResult.ForStatus(error.StatusCode);
        }

        for (Exception? inner = error; inner is not null; inner = inner.InnerException)
        {
            if (inner is JsonException json)
            {
                return From(json);
            }
        }

        // Routing's own message names the parameter and its type, and repeats the value: only the name is told.
        var parts = error.Message.Split('"');
        return parts.Length > 1 && parts[1].Split(' ')[^1] is { Length: > 0 } parameter
            ? ProblemResult.Invalid(
                parameter == "request" ? "body" : parameter,
                "It is missing, or not of the type that the API takes here."
            )
            : Unreadable();
    }

    /// <summary>
    /// For a 400 that binding set without a word: the generated binder does not name an optional parameter that it could not read, so it is looked for.
    /// </summary>
    public static ProblemResult From(HttpContext context)
    {
        foreach (var parameter in context.GetEndpoint()?.Metadata.GetOrderedMetadata<IParameterBindingMetadata>() ?? [])
        {
            if (
                parameter.HasTryParse
                && context.Request.Query[parameter.Name].ToString() is { Length: > 0 } text
                && Expectation(parameter, text) is { } expected
            )
            {
                return ProblemResult.Invalid(parameter.Name, expected);
            }
        }

        return Unreadable();
    }

    private static string? Expectation(IParameterBindingMetadata parameter, string text)
    {
        var type = parameter.ParameterInfo.ParameterType;
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type == typeof(int) && !int.TryParse(text, CultureInfo.InvariantCulture, out _)
            || type == typeof(long) && !long.TryParse(text, CultureInfo.InvariantCulture, out _)
                ? "Give a whole number."
            : type == typeof(Guid) && !Guid.TryParse(text, out _)
                ? "Give an id as it was received, such as 0190163d-8694-739b-aea5-966c26f8ad90."
            : type == typeof(DateTimeOffset) && !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _)
                ? "Give a time of RFC 3339, such as 2026-11-23T08:00:00Z."
            : null;
    }

    // "… was missing required properties including: 'name', 'job'.": the names are those of the type, not what was sent.
    private static string[] Missing(string message) =>
        message.IndexOf("missing required properties", StringComparison.Ordinal) is >= 0 and var start
            ? [.. message[message.IndexOf(':', start)..].Split('\'').Where((_, i) => i % 2 == 1)]
            : [];

    private static ProblemResult Unreadable() =>
        new(
            ProblemType.InvalidRequest,
            "The request could not be read: check the body, the query and the headers against the OpenAPI document."
        );

    private static ProblemResult From(JsonException error)
    {
        var field = error.Path is { Length: > 0 } path ? path.TrimStart('$').TrimStart('.') : "";
        var message = error.Message;
        if (Missing(message) is { Length: > 0 } names)
        {
            return new ProblemResult(
                ProblemType.InvalidRequest,
                "Correct the fields named under 'errors'.",
                names.ToDictionary(name => field.Length == 0 ? name : field + "." + name, _ => Required)
            );
        }

        // System.Text.Json has one exception for everything; its words are the only thing that tells these apart.
        var said =
            message.Contains("could not be mapped", StringComparison.Ordinal)
                ? "This field is not known here. Leave it out, or check its spelling."
            : message.Contains("uplicate", StringComparison.Ordinal) ? "This field stands twice."
            : message.Contains("doesn't allow", StringComparison.Ordinal) ? "This field must not be null."
            : message.Contains("maximum", StringComparison.Ordinal) ? "The JSON is nested too deeply."
            : error.InnerException is JsonException
                ? $"The body is not well-formed JSON (line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1})."
            : "The value is of the wrong type.";
        return ProblemResult.Invalid(field.Length == 0 ? "body" : field, said);
    }
}
