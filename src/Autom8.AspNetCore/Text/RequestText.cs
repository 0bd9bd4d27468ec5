using System.Text.Json;
using Autom8.Security.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Autom8.AspNetCore;

/// <summary>Stands before one endpoint, and has the text of its requests normalised or refused. Made once, from what the endpoint says of itself.</summary>
internal sealed class RequestText
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private readonly RequestDelegate _next;
    private readonly TextPolicy _policy;
    private readonly JsonSerializerOptions? _json;
    private readonly TextShape? _body;

    // By the names under which they are sent: whether it is text that the handler takes.
    private readonly Dictionary<string, bool> _parameters = new(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="NotSupportedException">The endpoint reads a form.</exception>
    public RequestText(RequestDelegate next, TextPolicy policy, EndpointBuilder endpoint)
    {
        _next = next;
        _policy = policy;
        foreach (var parameter in endpoint.Metadata.OfType<IParameterBindingMetadata>())
        {
            var isText = IsText(parameter.ParameterInfo.ParameterType);
            var attributes = parameter.ParameterInfo.GetCustomAttributes(inherit: true);
            var sent =
                attributes.OfType<IFromQueryMetadata>().FirstOrDefault()?.Name
                ?? attributes.OfType<IFromRouteMetadata>().FirstOrDefault()?.Name
                ?? parameter.Name;
            _parameters[sent] = isText;
        }

        var accepts = endpoint.Metadata.OfType<IAcceptsMetadata>().LastOrDefault();
        if (accepts?.ContentTypes.Any(static type => type.Contains("form", StringComparison.OrdinalIgnoreCase)) == true)
        {
            throw new NotSupportedException(
                $"{endpoint.DisplayName} reads a form, which a text policy does not look at. Give it none: WithTextPolicy(null)."
            );
        }

        if (accepts?.RequestType is { } type)
        {
            _json = endpoint.ApplicationServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
            _json.MakeReadOnly();
            _body = TextShape.Of(type, _json);
        }
    }

    public async Task InvokeAsync(HttpContext context)
    {
        var problems = new TextProblems();
        NormalizeRoute(context.Request.RouteValues, problems);
        NormalizeQuery(context.Request, problems);
        if (_body is not null && context.Request.HasJsonContentType())
        {
            if (!IsUtf8(context.Request.ContentType))
            {
                await ProblemResult.ForStatus(StatusCodes.Status415UnsupportedMediaType).ExecuteAsync(context).ConfigureAwait(false);
                return;
            }

            await NormalizeBodyAsync(context, problems).ConfigureAwait(false);
        }

        await (problems.IsEmpty ? _next(context) : problems.ToResult().ExecuteAsync(context)).ConfigureAwait(false);
    }

    private static bool IsText(Type type) =>
        type == typeof(string)
        || type == typeof(StringValues)
        || type == typeof(StringValues?)
        || typeof(IEnumerable<string>).IsAssignableFrom(type);

    private static bool IsUtf8(string? contentType) =>
        !MediaTypeHeaderValue.TryParse(contentType, out var type)
        || !type.Charset.HasValue
        || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase);

    private void NormalizeRoute(RouteValueDictionary values, TextProblems problems)
    {
        foreach (var (name, value) in values.ToArray())
        {
            if (value is string text && Normalize(name, "path", text, problems) is { } normal)
            {
                values[name] = normal;
            }
        }
    }

    private void NormalizeQuery(HttpRequest request, TextProblems problems)
    {
        Dictionary<string, StringValues>? changed = null;
        foreach (var (name, values) in request.Query)
        {
            for (var i = 0; i < values.Count; i++)
            {
                if (values[i] is { } text && Normalize(name, "query", text, problems) is { } normal)
                {
                    changed ??= new(request.Query, StringComparer.OrdinalIgnoreCase);
                    var copy = changed[name].ToArray();
                    copy[i] = normal;
                    changed[name] = copy;
                }
            }
        }

        if (changed is not null)
        {
            request.Query = new QueryCollection(changed);
        }
    }

    /// <returns>Null if the text stays as it is.</returns>
    private string? Normalize(string name, string place, string text, TextProblems problems)
    {
        var isDeclared = _parameters.TryGetValue(name, out var isText);
        if (isDeclared && !isText)
        {
            return null;
        }

        var result = TextRules.Normalize(text, _policy);
        if (result.IsValid)
        {
            return string.Equals(result.Text, text, StringComparison.Ordinal) ? null : result.Text;
        }

        // A name that the endpoint does not know is the client's own, and not repeated; it may stand alone.
        if (isDeclared)
        {
            problems.Add(name, result);
        }
        else if (result.Problem != TextProblem.Empty)
        {
            problems.Add(place, result);
        }

        return null;
    }

    private async Task NormalizeBodyAsync(HttpContext context, TextProblems problems)
    {
        var sent = new MemoryStream();
        context.Response.RegisterForDispose(sent);
        await context.Request.Body.CopyToAsync(sent, context.RequestAborted).ConfigureAwait(false);
        sent.Position = 0;
        var json = sent.GetBuffer().AsSpan(0, (int)sent.Length);
        if (json.StartsWith(ByteOrderMark))
        {
            json = json[ByteOrderMark.Length..];
        }

        var changed = JsonText.Normalize(json, _body!, _json!, _policy, problems);
        context.Request.Body = changed is null ? sent : new MemoryStream(changed, writable: false);
        if (changed is not null && context.Request.ContentLength is not null)
        {
            context.Request.ContentLength = changed.Length;
        }
    }
}
