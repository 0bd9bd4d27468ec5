using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Autom8.Scheduling.Alerts.Sinks;

/// <summary>A symmetric secret of the Standard Webhooks specification, and the signatures made with it.</summary>
internal sealed class WebhookSecret
{
    private const string Prefix = "whsec_";
    private const int MinLength = 24;
    private const int MaxLength = 64;

    private readonly byte[] _key;

    private WebhookSecret(byte[] key) => _key = key;

    public static bool TryParse(string text, [NotNullWhen(true)] out WebhookSecret? secret)
    {
        secret = null;
        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        var base64 = text.AsSpan(Prefix.Length);
        Span<byte> key = stackalloc byte[MaxLength + 2];
        if (!Base64.IsValid(base64) || !Convert.TryFromBase64Chars(base64, key, out int length) || length is < MinLength or > MaxLength)
        {
            return false;
        }

        secret = new(key[..length].ToArray());
        CryptographicOperations.ZeroMemory(key);
        return true;
    }

    /// <summary><c>v1,</c> and the HMAC-SHA256 of <c>id.timestamp.body</c> in base64.</summary>
    public string Sign(string id, string timestamp, ReadOnlySpan<byte> body)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        mac.AppendData(Encoding.UTF8.GetBytes($"{id}.{timestamp}."));
        mac.AppendData(body);
        return "v1," + Convert.ToBase64String(mac.GetHashAndReset());
    }
}
