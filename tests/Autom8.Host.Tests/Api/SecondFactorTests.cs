using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Autom8.Host.Tests.Running;

namespace Autom8.Host.Tests.Api;

/// <summary>The second factor over HTTP, with an authenticator app of the test's own.</summary>
[Collection(ApiCollection.Name)]
public sealed class SecondFactorTests(ServiceFixture service)
{
    [Fact]
    public async Task It_is_set_up_asked_for_and_taken_away()
    {
        var (http, name, _) = await service.SignInAsync("viewer");
        using var __ = http;
        await ProblemAnswer.ReadAsync(PostAsync(http, "enrol", new { password = "wrong" }), 401, "sign-in-refused");
        await ProblemAnswer.ReadAsync(
            PostAsync(http, "enrol", new { password = TestAccounts.Password, algorithm = "md5" }),
            400,
            "invalid-request"
        );
        var enrolled = await PostAsync(http, "enrol", new { password = TestAccounts.Password }).JsonAsync();
        Assert.StartsWith("otpauth://totp/autom8:", enrolled.GetProperty("uri").GetString(), StringComparison.Ordinal);
        var app = enrolled.GetProperty("secret").GetString()!;

        var confirmed = await PostAsync(http, "confirm", new { code = Authenticator.Code(app) }).JsonAsync();
        var recovery = confirmed.GetProperty("recoveryCodes").EnumerateArray().Select(code => code.GetString()!).ToArray();
        Assert.Equal(10, recovery.Length);
        // What was signed in before has not shown a code.
        await ProblemAnswer.ReadAsync(http.CallAsync("GET", "/api/v1/auth/me"), 401, "unauthenticated");

        await ProblemAnswer.ReadAsync(http.LoginAsync(name, TestAccounts.Password), 403, "second-factor-required");
        await ProblemAnswer.ReadAsync(http.LoginAsync(name, "not the password"), 401, "sign-in-refused");
        await ProblemAnswer.ReadAsync(LoginAsync(http, name, "nonsense"), 401, "sign-in-refused");
        await ProblemAnswer.ReadAsync(
            http.ChangePasswordAsync(name, TestAccounts.Password, "another password altogether"),
            403,
            "second-factor-required"
        );
        var session = await LoginAsync(http, name, recovery[0]).JsonAsync();
        await ProblemAnswer.ReadAsync(LoginAsync(http, name, recovery[0]), 401, "sign-in-refused");

        http.UseToken(session.GetProperty("accessToken").GetString()!);
        var status = await http.CallAsync("GET", "/api/v1/auth/second-factor").JsonAsync();
        Assert.Equal((true, 9), (status.GetProperty("active").GetBoolean(), status.GetProperty("recoveryCodesLeft").GetInt32()));
        await ProblemAnswer.ReadAsync(PostAsync(http, "enrol", new { password = TestAccounts.Password }), 409, "conflict");
        await PostAsync(http, "disable", new { password = TestAccounts.Password, code = recovery[1] }).StatusAsync(204);
        await http.LoginAsync(name, TestAccounts.Password).StatusAsync(200);
        Assert.DoesNotContain(app, service.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(recovery[0], service.Log, StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> PostAsync<T>(HttpClient http, string what, T body) =>
        http.CallAsync("POST", "/api/v1/auth/second-factor/" + what, JsonSerializer.Serialize(body));

    private static Task<HttpResponseMessage> LoginAsync(HttpClient http, string name, string code) =>
        http.CallAsync(
            "POST",
            "/api/v1/auth/login",
            JsonSerializer.Serialize(
                new
                {
                    name,
                    password = TestAccounts.Password,
                    code,
                }
            )
        );
}

/// <summary>RFC 6238 as an app has it: written apart from the service's.</summary>
internal static class Authenticator
{
    public static string Code(string base32)
    {
        var bits = string.Concat(
            base32.Select(c => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0'))
        );
        byte[] secret = [.. bits.Chunk(8).Select(chunk => Convert.ToByte(new string(chunk), 2))];
        var counter = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30);
#pragma warning disable CA5350 // what apps compute
        var hash = HMACSHA1.HashData(secret, counter);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadUInt32BigEndian(hash.AsSpan(hash[^1] & 0xF)) & 0x7FFF_FFFF;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }
}
