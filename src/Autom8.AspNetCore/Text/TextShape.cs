using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Autom8.AspNetCore;

/// <summary>Where text stands in the JSON of a type, as the serializer's own description of the type says: no reflection, so it compiles ahead of time.</summary>
internal sealed class TextShape
{
    private static readonly TextShape None = new(ShapeKind.None);
    private static readonly TextShape Text = new(ShapeKind.Text);
    private static readonly TextShape Any = new(ShapeKind.Any);

    private readonly ShapeKind _kind;
    private Dictionary<string, TextMember> _members = [];
    private TextShape _rest = None; // of elements, and of members that are not named

    private TextShape(ShapeKind kind) => _kind = kind;

    private enum ShapeKind
    {
        /// <summary>No text, or nothing that could be known of it.</summary>
        None,
        Text,

        /// <summary>No type says what it is, so that every string in it is text.</summary>
        Any,
        Object,
        List,

        /// <summary>An object whose names are data; they are text.</summary>
        Map,
    }

    public bool IsText => _kind is ShapeKind.Text or ShapeKind.Any;

    public bool HasTextKeys => _kind is ShapeKind.Map or ShapeKind.Any;

    /// <param name="type">What the body is read as.</param>
    /// <param name="options">The endpoint's JSON options, read-only by now.</param>
    public static TextShape Of(Type type, JsonSerializerOptions options) => Of(type, options, []);

    /// <summary>What stands in an array. Another shape than the type's is read by a converter that nothing is known of: then all of it is text.</summary>
    public TextShape Element() => _kind is ShapeKind.List or ShapeKind.None ? _rest : Any;

    /// <summary>What stands under a name of an object, and the name as the type has it; null where the name is the client's.</summary>
    public TextMember Member(string? name) =>
        name is not null && _members.TryGetValue(name, out var member) ? member
        : _kind is ShapeKind.Object or ShapeKind.Map or ShapeKind.None ? new TextMember(null, _rest)
        : new TextMember(null, Any);

    private static TextShape Of(Type type, JsonSerializerOptions options, Dictionary<Type, TextShape> known)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string))
        {
            return Text;
        }

        if (
            type == typeof(object)
            || type == typeof(JsonElement)
            || type == typeof(JsonDocument)
            || typeof(JsonNode).IsAssignableFrom(type)
        )
        {
            return Any;
        }

        if (known.TryGetValue(type, out var shape))
        {
            return shape; // a type may hold itself
        }

        var json = options.GetTypeInfo(type);
        known[type] = shape = json.Kind switch
        {
            JsonTypeInfoKind.Object => new TextShape(ShapeKind.Object)
            {
                _members = new(options.PropertyNameCaseInsensitive ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal),
            },
            JsonTypeInfoKind.Enumerable => new TextShape(ShapeKind.List),
            JsonTypeInfoKind.Dictionary => new TextShape(ShapeKind.Map),
            _ => None,
        };
        if (shape._kind is ShapeKind.Object)
        {
            shape.AddMembers(json, options, known);
            foreach (var derived in json.PolymorphismOptions?.DerivedTypes ?? [])
            {
                shape.AddMembers(options.GetTypeInfo(derived.DerivedType), options, known);
            }
        }
        else if (json.ElementType is { } element && shape._kind != ShapeKind.None)
        {
            shape._rest = Of(element, options, known);
        }

        return shape;
    }

    private void AddMembers(JsonTypeInfo json, JsonSerializerOptions options, Dictionary<Type, TextShape> known)
    {
        foreach (var property in json.Properties)
        {
            if (property.IsExtensionData)
            {
                _rest = Any;
                continue;
            }

            var shape =
                property.CustomConverter is not null && property.PropertyType != typeof(string)
                    ? None
                    : Of(property.PropertyType, options, known);
            // Derived types may mean different things by one name.
            _members[property.Name] =
                !_members.TryGetValue(property.Name, out var other) || other.Shape == shape || other.Shape == None
                    ? new TextMember(property.Name, shape)
                : shape == None ? other
                : new TextMember(property.Name, Any);
        }
    }
}

/// <summary>A member of a type.</summary>
internal readonly record struct TextMember(string? Name, TextShape Shape);
