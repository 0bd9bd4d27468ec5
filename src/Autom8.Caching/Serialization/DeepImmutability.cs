using System.Collections.Frozen;
using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Reflection;

namespace Autom8.Caching.Serialization;

/// <summary>
/// Whether nothing that can be reached from a value can change, judged by types alone and in doubt in the negative.
/// </summary>
/// <remarks>
/// <para>A class passes when it is sealed (a subclass could add anything), all its instance fields, those of its base classes included, are readonly and of types that pass,
/// and it has neither a finalizer nor something to dispose of: the lifetime of such an instance belongs to its owner.</para>
/// <para>A struct need not be readonly itself: whoever reads it gets a copy, and a readonly field that holds it cannot be changed in place. What it refers to must pass.</para>
/// <para>A type may refer to itself: the check looks for a reason against, and finding the same type again is none (the greatest fixed point).</para>
/// </remarks>
internal static class DeepImmutability
{
    /// <summary>Generic types can refer to ever larger instances of themselves; past so many types there is no proof.</summary>
    private const int MaximumTypes = 256;

    /// <summary>What is immutable by its documentation though its fields do not show it, or is asked for where fields cannot be seen.</summary>
    private static readonly FrozenSet<Type> Known =
    [
        typeof(string),
        typeof(decimal),
        typeof(Guid),
        typeof(DateTime),
        typeof(DateTimeOffset),
        typeof(DateOnly),
        typeof(TimeOnly),
        typeof(TimeSpan),
        typeof(Int128),
        typeof(UInt128),
        typeof(Half),
        typeof(BigInteger),
        typeof(Uri),
        typeof(Version),
        typeof(Type),
    ];

    /// <summary>Immutable when their elements are. The frozen ones are abstract, but only the framework can derive from them.</summary>
    private static readonly FrozenSet<Type> Containers =
    [
        typeof(ImmutableArray<>),
        typeof(ImmutableList<>),
        typeof(ImmutableDictionary<,>),
        typeof(ImmutableHashSet<>),
        typeof(ImmutableSortedDictionary<,>),
        typeof(ImmutableSortedSet<>),
        typeof(ImmutableQueue<>),
        typeof(ImmutableStack<>),
        typeof(FrozenSet<>),
        typeof(FrozenDictionary<,>),
    ];

    /// <param name="type">The type under which values are cached.</param>
    /// <param name="declared">Types that somebody vouches for.</param>
    /// <param name="seesFields">Whether reflection shows all fields there are. It does not under Native AOT, where a field may exist without metadata: there only what is known, attributed or declared passes.</param>
    public static bool IsProven(Type type, IReadOnlySet<Type> declared, bool seesFields)
    {
        var met = new HashSet<Type> { type };
        var open = new Stack<Type>([type]);
        try
        {
            while (open.TryPop(out var next))
            {
                if (met.Count > MaximumTypes || PartsOf(next, declared, seesFields) is not { } parts)
                {
                    return false;
                }

                foreach (var part in parts)
                {
                    if (met.Add(part))
                    {
                        open.Push(part);
                    }
                }
            }
        }
        catch (Exception exception) when (exception is TypeLoadException or IOException or BadImageFormatException)
        {
            return false; // the type of a field cannot be loaded, which a program that never touches it does not notice
        }

        return true;
    }

    /// <summary>What a type says of itself, if anything.</summary>
    private static bool? Claim(Type type) =>
        (Attribute.GetCustomAttribute(type, typeof(ImmutableObjectAttribute), inherit: false) as ImmutableObjectAttribute)?.Immutable;

    /// <returns>The types that decide over this one: none when it passes, null when it does not.</returns>
    private static IEnumerable<Type>? PartsOf(Type type, IReadOnlySet<Type> declared, bool seesFields)
    {
        if (type.IsPrimitive)
        {
            return type == typeof(nint) || type == typeof(nuint) ? null : []; // may well be an address
        }

        if (type.IsEnum || Known.Contains(type))
        {
            return [];
        }

        if (type.IsGenericType && Containers.Contains(type.GetGenericTypeDefinition()))
        {
            return type.GetGenericArguments();
        }

        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return [underlying];
        }

        if (type.IsInterface || !type.IsSealed)
        {
            return null;
        }

        return Claim(type) switch
        {
            true => [],
            false => null,
            null => declared.Contains(type) ? []
            : seesFields ? FieldTypes(type)
            : null,
        };
    }

    [UnconditionalSuppressMessage(
        "Trimming",
        "IL2070",
        Justification = "A field that was trimmed away does not exist any more, so it cannot change either. Native AOT, where it would exist unseen, does not come here."
    )]
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "As above, for the base types.")]
    private static List<Type>? FieldTypes(Type type)
    {
        if (
            type.IsArray
            || type.IsPointer
            || type.IsFunctionPointer
            || type.IsByRef
            || type.IsByRefLike
            || type.IsCOMObject
            || typeof(Delegate).IsAssignableFrom(type)
            || typeof(IDisposable).IsAssignableFrom(type)
            || typeof(IAsyncDisposable).IsAssignableFrom(type)
        )
        {
            return null;
        }

        const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var types = new List<Type>();
        for (var level = type; level is not null && level != typeof(object) && level != typeof(ValueType); level = level.BaseType)
        {
            if (level.GetMethod("Finalize", Own, []) is not null)
            {
                return null;
            }

            foreach (var field in level.GetFields(Own))
            {
                if (!field.IsInitOnly && !type.IsValueType)
                {
                    return null;
                }

                types.Add(field.FieldType);
            }
        }

        return types;
    }
}
