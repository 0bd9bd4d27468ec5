using Autom8.AspNetCore;
using Autom8.Security.Text;
using Microsoft.AspNetCore.Routing;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Has the text of requests normalised, or refused, before an endpoint sees it.</summary>
public static class TextPolicyExtensions
{
    /// <summary>
    /// Puts the text of every request under a policy before it is bound: the handler gets what it would have got, had the client sent the text in its normal form (<see cref="TextRules"/>). What the policy
    /// refuses is answered 400 with problem details that name each field (<c>emails[0].value</c>) and say what would be right, without the value.
    /// </summary>
    /// <remarks>
    /// <para>Looked at are strings in the JSON body, wherever they stand in the type that the endpoint takes, the keys of its dictionaries among them; all that stands under a type without a shape (<c>object</c>, <c>JsonElement</c>, extension data);
    /// and the values of the route and the query, except those of parameters of other types. Numbers, dates, <see cref="Guid"/>s, enumerations, bytes and types with a JSON converter of their own are left to their readers. Headers are not looked at, nor is
    /// a body that the handler reads by itself.</para>
    /// <para>The body is held in memory once, up to the size that the server allows. JSON that is not UTF-8 is answered 415 (RFC 8259, section 8.1).</para>
    /// <para>An endpoint that reads a form cannot have a policy: it fails with <see cref="NotSupportedException"/> when the endpoints are built.</para>
    /// </remarks>
    /// <param name="endpoint">An endpoint, or a group of them.</param>
    /// <param name="policy">The policy for each text. The last one that is given stands, an endpoint's before its group's; null takes a group's away.</param>
    /// <exception cref="ArgumentOutOfRangeException">The policy allows less than one character.</exception>
    public static TBuilder WithTextPolicy<TBuilder>(this TBuilder endpoint, TextPolicy? policy)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        if (policy is not null)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(policy.MaxGraphemes, 1, nameof(policy));
        }

        endpoint.Add(builder => builder.Metadata.Add(new EndpointTextPolicy(policy)));
        // Finally: by then the endpoint says what it takes, and which policy is the last.
        endpoint.Finally(static builder =>
        {
            if (
                builder.RequestDelegate is { } next
                && builder.Metadata.OfType<EndpointTextPolicy>().LastOrDefault() is { Policy: { } last }
                && !builder.Metadata.OfType<RequestText>().Any()
            )
            {
                var text = new RequestText(next, last, builder);
                builder.Metadata.Add(text);
                builder.RequestDelegate = text.InvokeAsync;
            }
        });
        return endpoint;
    }
}
