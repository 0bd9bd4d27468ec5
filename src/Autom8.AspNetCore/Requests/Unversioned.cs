using Microsoft.AspNetCore.Builder;

namespace Autom8.AspNetCore;

/// <summary>Says of an endpoint that what it replaces has no version: it takes no <c>If-Match</c>.</summary>
internal sealed class Unversioned
{
    public static Unversioned Instance { get; } = new();
}

/// <summary>Marks endpoints.</summary>
internal static class UnversionedExtensions
{
    public static TBuilder WithoutVersion<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(Unversioned.Instance);
}
