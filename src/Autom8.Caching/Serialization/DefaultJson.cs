using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Caching.Serialization;

/// <summary>
/// JSON for types that nobody registered a serializer for, as Microsoft's implementation has it: by options that are registered under the key
/// <c>typeof(IHybridCacheSerializer&lt;T&gt;)</c> or <c>typeof(IHybridCacheSerializer&lt;&gt;)</c>, or else by reflection and the default options, where the program has left that on.
/// Types that hold nothing but public fields (value tuples) are written with their fields.
/// </summary>
internal static class DefaultJson
{
    private static bool CanReflect => JsonSerializer.IsReflectionEnabledByDefault && RuntimeFeature.IsDynamicCodeSupported;

    /// <param name="services">Where options may be registered.</param>
    /// <param name="cause">Why there is none, where JSON was tried.</param>
    public static JsonCacheSerializer<T>? Find<T>(IServiceProvider services, out Exception? cause)
    {
        cause = null;
        try
        {
            return From<T>(Registered<T>(services)) ?? Scalar<T>() ?? (CanReflect ? Reflected<T>() : null);
        }
        catch (Exception exception) when (exception is InvalidOperationException or NotSupportedException or ArgumentException)
        {
            cause = exception;
            return null;
        }
    }

    private static JsonSerializerOptions? Registered<T>(IServiceProvider services) =>
        services is IKeyedServiceProvider keyed
            ? (JsonSerializerOptions?)(
                keyed.GetKeyedService(typeof(JsonSerializerOptions), typeof(IHybridCacheSerializer<T>))
                ?? keyed.GetKeyedService(typeof(JsonSerializerOptions), typeof(IHybridCacheSerializer<>))
            )
            : null;

    private static JsonCacheSerializer<T>? Scalar<T>() =>
        ScalarJsonContext.Default.GetTypeInfo(typeof(T)) is JsonTypeInfo<T> scalar ? new JsonCacheSerializer<T>(scalar) : null;

    private static JsonCacheSerializer<T>? From<T>(JsonSerializerOptions? options)
    {
        if (options is null || (options.TypeInfoResolver is null && !CanReflect))
        {
            return null;
        }

        if (options.TypeInfoResolver is null)
        {
            Complete(options);
        }

        if (!options.TryGetTypeInfo(typeof(T), out var info))
        {
            return null;
        }

        if (!options.IncludeFields && JsonShape.Of(info).Types.Any(HasFieldsOnly))
        {
            info = new JsonSerializerOptions(options) { IncludeFields = true }.GetTypeInfo(typeof(T));
        }

        return CannotRestore(info) is { } reason
            ? throw new NotSupportedException(reason)
            : new JsonCacheSerializer<T>((JsonTypeInfo<T>)info);
    }

    [UnconditionalSuppressMessage(
        "Trimming",
        "IL2026",
        Justification = "Guarded by CanReflect: a trimmed program has reflection-based JSON off unless it asks for it."
    )]
    [UnconditionalSuppressMessage(
        "AOT",
        "IL3050",
        Justification = "Guarded by CanReflect, which includes RuntimeFeature.IsDynamicCodeSupported."
    )]
    private static JsonCacheSerializer<T>? Reflected<T>() => From<T>(JsonSerializerOptions.Default);

    [UnconditionalSuppressMessage(
        "Trimming",
        "IL2026",
        Justification = "Guarded by CanReflect: a trimmed program has reflection-based JSON off unless it asks for it."
    )]
    [UnconditionalSuppressMessage(
        "AOT",
        "IL3050",
        Justification = "Guarded by CanReflect, which includes RuntimeFeature.IsDynamicCodeSupported."
    )]
    private static void Complete(JsonSerializerOptions options) => options.MakeReadOnly(populateMissingResolver: true);

    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "Fields that were trimmed away cannot be written either.")]
    private static bool HasFieldsOnly(JsonTypeInfo info) =>
        info is { Kind: JsonTypeInfoKind.Object, Properties.Count: 0 }
        && info.Type.GetFields(BindingFlags.Instance | BindingFlags.Public).Length != 0;

    /// <summary>Why no value that was written could be read again. Found here, since a value that comes back empty or not at all would be found out by a caller, later and elsewhere.</summary>
    private static string? CannotRestore(JsonTypeInfo info)
    {
        if (info.Kind != JsonTypeInfoKind.Object || info.PolymorphismOptions is not null || info.Type == typeof(object))
        {
            return null;
        }

        if (info.Type.IsAbstract)
        {
            return "it is abstract, and nothing says which type to make";
        }

        if (info.CreateObject is null)
        {
            return info.ConstructorAttributeProvider is not MethodBase constructor ? "it has no constructor that could be chosen"
                : constructor.GetParameters().Length != info.Properties.Count(property => property.AssociatedParameter is not null)
                    ? "its constructor has parameters that no property is named for"
                : null;
        }

        return HoldsState(info.Type) && !info.Properties.Any(IsRestored) ? "nothing of what it holds can be set" : null;

        static bool IsRestored(JsonPropertyInfo property) =>
            property.Set is not null
            || property.IsExtensionData
            || property.ObjectCreationHandling == System.Text.Json.Serialization.JsonObjectCreationHandling.Populate;
    }

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "Fields that were trimmed away hold nothing.")]
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "As above, for the base types.")]
    private static bool HoldsState(Type type)
    {
        for (var level = type; level is not null; level = level.BaseType)
        {
            if (
                level.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly).Length
                != 0
            )
            {
                return true;
            }
        }

        return false;
    }
}
