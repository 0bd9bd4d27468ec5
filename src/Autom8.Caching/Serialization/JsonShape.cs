using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Autom8.Caching.Serialization;

/// <summary>Everything that the JSON of a type consists of, found by following its metadata.</summary>
internal sealed class JsonShape
{
    /// <summary>What lies beyond so many types is named but not looked into. The order of the walk is fixed, so two nodes stop at the same place.</summary>
    private const int MaximumTypes = 1024;

    private readonly StringBuilder _text = new("json");
    private readonly HashSet<Type> _met = [];
    private readonly List<JsonTypeInfo> _types = [];

    private JsonShape() { }

    /// <summary>Equal for equal shapes: the types, and in them the properties by name.</summary>
    public string Text => _text.ToString();

    /// <summary>The types met, the root first.</summary>
    public IReadOnlyList<JsonTypeInfo> Types => _types;

    public static JsonShape Of(JsonTypeInfo root)
    {
        var shape = new JsonShape();
        shape.Append(root);
        return shape;
    }

    private void Append(JsonTypeInfo info)
    {
        _text.Append(' ').Append(info.Type);
        if (_met.Count >= MaximumTypes || !_met.Add(info.Type))
        {
            return;
        }

        _types.Add(info);
        if (
            info.Kind == JsonTypeInfoKind.None
            && info.Converter.GetType() is var converter
            && converter.Assembly != typeof(JsonSerializer).Assembly
        )
        {
            _text.Append('=').Append(converter);
        }

        Follow(info, info.KeyType);
        Follow(info, info.ElementType);
        foreach (var derived in info.PolymorphismOptions?.DerivedTypes ?? [])
        {
            _text.Append('|').Append(derived.TypeDiscriminator);
            Follow(info, derived.DerivedType);
        }

        if (info.Kind != JsonTypeInfoKind.Object)
        {
            return;
        }

        _text.Append('{');
        // By name: reflection promises no order of members, and JSON needs none.
        foreach (var property in info.Properties.OrderBy(property => property.Name, StringComparer.Ordinal))
        {
            _text.Append(property.Name).Append(':');
            Follow(info, property.PropertyType);
            _text.Append(';');
        }

        _text.Append('}');
    }

    private void Follow(JsonTypeInfo info, Type? next)
    {
        if (next is null)
        {
            return;
        }

        if (TryGet(info.Options, next) is { } nextInfo)
        {
            Append(nextInfo);
        }
        else
        {
            _text.Append(' ').Append(next);
        }
    }

    /// <summary>A type that JSON cannot describe is an error when a value of it turns up, not here: it may never.</summary>
    private static JsonTypeInfo? TryGet(JsonSerializerOptions options, Type type)
    {
        try
        {
            return options.TryGetTypeInfo(type, out var info) ? info : null;
        }
        catch (Exception exception) when (exception is InvalidOperationException or NotSupportedException or ArgumentException)
        {
            return null;
        }
    }
}
