using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Autom8.AspNetCore;

/// <summary>The nonce of an answer's Content-Security-Policy (CSP level 3, section 2.3.1).</summary>
public static class CspNonce
{
    private const int Length = 16;
    private static readonly object Key = new();

    /// <summary>128 random bits in base64, the same for the whole answer: the <c>nonce</c> attribute of its scripts and styles.</summary>
    public static string GetCspNonce(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Items[Key] is not string nonce)
        {
            Span<byte> random = stackalloc byte[Length];
            RandomNumberGenerator.Fill(random);
            nonce = Convert.ToBase64String(random);
            context.Items[Key] = nonce;
        }

        return nonce;
    }
}
