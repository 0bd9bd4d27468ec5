using System.Diagnostics.CodeAnalysis;

namespace Autom8.Caching.Keys;

/// <summary>The formatters that need no registration. Each is named with its type, so that ahead-of-time compilation sees it.</summary>
internal static class CacheKeyFormatters
{
    public static bool TryGet<TKey>([NotNullWhen(true)] out ICacheKeyFormatter<TKey>? formatter)
    {
        formatter = Find<TKey>() as ICacheKeyFormatter<TKey>;
        return formatter is not null;
    }

    private static object? Find<TKey>() =>
        typeof(TKey) == typeof(string) ? new StringKeyFormatter()
        : typeof(TKey) == typeof(int) ? new IntegerKeyFormatter<int>()
        : typeof(TKey) == typeof(long) ? new IntegerKeyFormatter<long>()
        : typeof(TKey) == typeof(Guid) ? new GuidKeyFormatter()
        : typeof(TKey) == typeof(DateOnly) ? new DateKeyFormatter()
        : typeof(TKey) == typeof(uint) ? new IntegerKeyFormatter<uint>()
        : typeof(TKey) == typeof(ulong) ? new IntegerKeyFormatter<ulong>()
        : typeof(TKey) == typeof(short) ? new IntegerKeyFormatter<short>()
        : typeof(TKey) == typeof(ushort) ? new IntegerKeyFormatter<ushort>()
        : typeof(TKey) == typeof(byte) ? new IntegerKeyFormatter<byte>()
        : typeof(TKey) == typeof(sbyte) ? new IntegerKeyFormatter<sbyte>()
        : typeof(TKey) == typeof(nint) ? new IntegerKeyFormatter<nint>()
        : typeof(TKey) == typeof(nuint) ? new IntegerKeyFormatter<nuint>()
        : typeof(TKey) == typeof(Int128) ? new IntegerKeyFormatter<Int128>()
        : typeof(TKey) == typeof(UInt128) ? new IntegerKeyFormatter<UInt128>()
        : typeof(TKey).IsEnum ? FindEnum<TKey>()
        : null;

    private static object? FindEnum<TKey>() =>
        Type.GetTypeCode(typeof(TKey)) switch
        {
            TypeCode.Int32 => new EnumKeyFormatter<TKey, int>(),
            TypeCode.Byte => new EnumKeyFormatter<TKey, byte>(),
            TypeCode.Int64 => new EnumKeyFormatter<TKey, long>(),
            TypeCode.UInt32 => new EnumKeyFormatter<TKey, uint>(),
            TypeCode.Int16 => new EnumKeyFormatter<TKey, short>(),
            TypeCode.UInt16 => new EnumKeyFormatter<TKey, ushort>(),
            TypeCode.SByte => new EnumKeyFormatter<TKey, sbyte>(),
            TypeCode.UInt64 => new EnumKeyFormatter<TKey, ulong>(),
            _ => null, // other languages know enums of other types
        };
}
