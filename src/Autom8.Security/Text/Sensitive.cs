using System.Diagnostics;

namespace Autom8.Security.Text;

/// <summary>
/// A value that belongs into no log, no message and no debugger: however it is printed, formatted or serialised, it shows as redacted. <see cref="Reveal"/> gives it out, so that whoever does so can be found by name.
/// </summary>
/// <remarks>It has no properties, so a serialiser finds nothing in it. It does not keep the value out of memory dumps.</remarks>
/// <typeparam name="T">The value's type.</typeparam>
[DebuggerDisplay(Redacted)]
public readonly struct Sensitive<T> : IEquatable<Sensitive<T>>, ISpanFormattable, IUtf8SpanFormattable
{
    private const string Redacted = "[redacted]";

    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private readonly T _value;

    /// <summary>Hides a value.</summary>
    public Sensitive(T value) => _value = value;

    /// <summary>The value.</summary>
    public T Reveal() => _value;

    /// <summary>Says that there is a value, and not which.</summary>
    public override string ToString() => Redacted;

    string IFormattable.ToString(string? format, IFormatProvider? formatProvider) => Redacted;

    bool ISpanFormattable.TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
    {
        charsWritten = Redacted.TryCopyTo(destination) ? Redacted.Length : 0;
        return charsWritten > 0;
    }

    bool IUtf8SpanFormattable.TryFormat(
        Span<byte> utf8Destination,
        out int bytesWritten,
        ReadOnlySpan<char> format,
        IFormatProvider? provider
    )
    {
        bytesWritten = "[redacted]"u8.TryCopyTo(utf8Destination) ? Redacted.Length : 0;
        return bytesWritten > 0;
    }

    /// <summary>Whether both hide equal values.</summary>
    public bool Equals(Sensitive<T> other) => EqualityComparer<T>.Default.Equals(_value, other._value);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Sensitive<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _value is null ? 0 : EqualityComparer<T>.Default.GetHashCode(_value);

    /// <summary>Whether both hide equal values.</summary>
    public static bool operator ==(Sensitive<T> left, Sensitive<T> right) => left.Equals(right);

    /// <summary>Whether they hide different values.</summary>
    public static bool operator !=(Sensitive<T> left, Sensitive<T> right) => !left.Equals(right);
}
