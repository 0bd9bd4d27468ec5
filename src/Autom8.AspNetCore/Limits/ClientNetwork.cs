using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Autom8.AspNetCore;

/// <summary>The network that a request comes from, as rate limits count it: one IPv4 address, or the /64 that an IPv6 subscriber is given (RFC 6177).</summary>
internal readonly record struct ClientNetwork(ulong Prefix, bool IsV6) : ISpanFormattable
{
    public static ClientNetwork Of(IPAddress? address)
    {
        if (address is null)
        {
            return default;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return address.AddressFamily == AddressFamily.InterNetwork
            ? new ClientNetwork(BinaryPrimitives.ReadUInt32BigEndian(bytes), IsV6: false)
            : new ClientNetwork(BinaryPrimitives.ReadUInt64BigEndian(bytes), IsV6: true);
    }

    /// <summary>As a rate limiter tells keys apart.</summary>
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        destination.TryWrite(provider, $"{(IsV6 ? 6 : 4)}:{Prefix:x}", out charsWritten);

    public string ToString(string? format, IFormatProvider? formatProvider) =>
        string.Create(formatProvider, $"{(IsV6 ? 6 : 4)}:{Prefix:x}");
}
