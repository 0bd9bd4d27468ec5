using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Autom8.Security.Accounts;
using Autom8.Security.Audit;
using Autom8.Security.Passwords;
using Autom8.Security.Tests.Accounts;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Security.Tests.Passwords;

/// <summary>Hashes that were made elsewhere: computed if that can be done exactly, refused by name if not.</summary>
public sealed class ForeignHashTests
{
    private const string Argon2 = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$K13EBUiG7JV+9ZxztmHFTdb7J0WQsnj2V8bZaqyPptE";

    private static readonly Guid Account = new("0198c0de-0000-7000-8000-000000000001");

    [Theory]
    [InlineData("$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAA", "Argon2i;")]
    [InlineData("$argon2d$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAA", "Argon2d;")]
    [InlineData("$argon2id$v=16$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAA", "another version")]
    [InlineData("$argon2id$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAA", "names no version")]
    [InlineData("$argon2id$v=19$m=19456,t=2,p=4$c29tZXNhbHRzb21lc2FsdA$AAAA", "more than one lane (p)")]
    [InlineData("$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAA", "memory (m)")]
    [InlineData("$argon2id$v=19$m=19456,t=1000,p=1$c29tZXNhbHRzb21lc2FsdA$AAAA", "passes (t)")]
    [InlineData("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$AAAA", "salt")]
    [InlineData("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAA", "32 bytes")]
    [InlineData("$argon2id$v=19$t=2,m=19456$c29tZXNhbHRzb21lc2FsdA$AAAA", "parts m=,t=,p=")]
    [InlineData("$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy", "not an Argon2id hash")]
    [InlineData("not a hash at all!", "neither a PHC string")]
    [InlineData("AQAAAAIAAYag", "neither a PHC string")]
    public void What_cannot_be_computed_is_refused_by_name(string hash, string name)
    {
        using var hasher = QuickPasswords.Hasher(Keyrings.New());
        var refused = Assert.Throws<PasswordHashException>(() => hasher.Adopt(Account, hash));
        Assert.Contains(name, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("c29tZXNhbHRzb21lc2FsdA", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0u, 1_000)]
    [InlineData(1u, 10_000)]
    [InlineData(2u, 100_000)]
    public async Task A_hash_of_ASPNET_Identity_verifies_and_asks_to_be_made_anew(uint prf, int iterations)
    {
        using var hasher = QuickPasswords.Hasher(Keyrings.New());
        var encoded = hasher.Adopt(Account, Identity("Pässwörd 1!", prf, iterations));
        Assert.Equal(PasswordVerdict.RightButRehash, await hasher.VerifyAsync(Account, encoded, "Pässwörd 1!"));
        Assert.Equal(PasswordVerdict.Wrong, await hasher.VerifyAsync(Account, encoded, "Pässwörd 1"));
    }

    /// <summary>From the tests of dotnet/aspnetcore (PasswordHasherTest, version 3 payloads): SHA-512, SHA-1, SHA-256.</summary>
    [Theory]
    [InlineData("AQAAAAIAAAAyAAAAEOMwvh3+FZxqkdMBz2ekgGhwQ4B6pZWND6zgESBuWiHw")]
    [InlineData(
        "AQAAAAIAAAD6AAAAIJbVi5wbMR+htSfFp8fTw8N8GOS/Sje+S/4YZcgBfU7EQuqv4OkVYmc4VJl9AGZzmRTxSkP7LtVi9IWyUxX8IAAfZ8v+ZfhjCcudtC1YERSqE1OEdXLW9VukPuJWBBjLuw=="
    )]
    [InlineData("AQAAAAAAAAD6AAAAEAhftMyfTJylOlZT+eEotFXd1elee8ih5WsjXaR3PA9M")]
    [InlineData("AQAAAAEAA9CQAAAAIESkQuj2Du8Y+kbc5lcN/W/3NiAZFEm11P27nrSN5/tId+bR1SwV8CO1Jd72r4C08OLvplNlCDc3oQZ8efcW+jQ=")]
    public async Task The_hashes_in_the_tests_of_ASPNET_Identity_verify(string hash)
    {
        using var hasher = QuickPasswords.Hasher(Keyrings.New());
        var encoded = hasher.Adopt(Account, hash);
        Assert.Equal(PasswordVerdict.RightButRehash, await hasher.VerifyAsync(Account, encoded, "my password"));
    }

    [Fact]
    public void A_hash_of_ASPNET_Identity_that_asks_for_too_much_or_is_none_is_refused_by_name()
    {
        using var hasher = QuickPasswords.Hasher(Keyrings.New());
        foreach (
            var (hash, name) in new[]
            {
                (Altered(0, 0), "format version 0"),
                (Altered(4, 9), "PRF 9"),
                (Altered(5, 0x7F), "iterations"),
                (Altered(12, 200), "salt of 200"),
                (Altered(12, 0), "salt of 0"),
            }
        )
        {
            Assert.Contains(
                name,
                Assert.Throws<PasswordHashException>(() => hasher.Adopt(Account, hash)).Message,
                StringComparison.Ordinal
            );
        }

        static string Altered(int at, byte value)
        {
            var bytes = Convert.FromBase64String(Identity("x", 2, 100_000));
            bytes[at] = value;
            return Convert.ToBase64String(bytes);
        }
    }

    [Theory]
    [InlineData("SQLite")]
    [InlineData("PostgreSQL")]
    public async Task An_imported_account_signs_in_with_its_old_password_and_has_an_Argon2id_hash_from_then_on(string engine)
    {
        await using var database = await AccountDatabase.CreateAsync(engine, new FakeTimeProvider(Keyrings.Start));
        var service = database.Service();
        var imported = await service.ImportAsync(
            "ana",
            [AccountRoles.Viewer],
            Identity("old password", 2, 1_000),
            AuditActor.System,
            default
        );
        Assert.False(imported.MustChangePassword);
        Assert.IsType<SignInResult.Refused>(await service.SignInAsync("ana", "other password", default));
        Assert.Equal(PasswordVerdict.RightButRehash, await VerdictAsync());

        Assert.IsType<SignInResult.Success>(await service.SignInAsync("ana", "old password", default));

        Assert.Equal(PasswordVerdict.Right, await VerdictAsync());
        Assert.Single((await database.Log.ListAsync(new AuditQuery { Action = "account.imported" }, default)).Records);
        await Assert.ThrowsAsync<PasswordHashException>(async () =>
            await service.ImportAsync("bo", [AccountRoles.Viewer], "nonsense", AuditActor.System, default)
        );
        Assert.Null(await database.Accounts.FindAsync("bo", default));
        await Assert.ThrowsAsync<AccountConflictException>(async () =>
            await service.ImportAsync("ANA", [AccountRoles.Viewer], Argon2, AuditActor.System, default)
        );

        async Task<PasswordVerdict> VerdictAsync() =>
            await database.Hasher.VerifyAsync(
                imported.Id,
                (await database.Accounts.GetAsync(imported.Id, default))!.PasswordHash,
                "old password"
            );
    }

    /// <summary>Debian's <c>argon2</c> is the reference implementation. One lane is all that libsodium computes.</summary>
    [Fact]
    public async Task Hashes_equal_those_of_the_argon2_command()
    {
        var random = new Random(42);
        for (var i = 0; i < 40; i++)
        {
            var (memory, passes) = (random.Next(8, 4096), random.Next(1, 5));
            var password = new string([.. Enumerable.Range(0, random.Next(1, 100)).Select(_ => (char)random.Next(33, 127))]);
            var salt = new string([.. Enumerable.Range(0, 16).Select(_ => (char)random.Next('a', 'z' + 1))]);

            var expected = await Argon2CommandAsync(password, salt, memory, passes);

            var computed = Argon2idHash.Derive(Encoding.ASCII.GetBytes(password), Encoding.ASCII.GetBytes(salt), memory, passes);
            var ours = new Argon2idHash(memory, passes, Encoding.ASCII.GetBytes(salt), computed);
            Assert.Equal(expected, ours.ToString());
            Assert.True(Argon2idHash.TryParse(expected, out var theirs) && theirs.Matches(Encoding.ASCII.GetBytes(password)));
        }
    }

    private static async Task<string> Argon2CommandAsync(string password, string salt, int memory, int passes)
    {
        string[] arguments =
        [
            salt,
            "-id",
            "-v",
            "13",
            "-k",
            memory.ToString(CultureInfo.InvariantCulture),
            "-t",
            passes.ToString(CultureInfo.InvariantCulture),
            "-p",
            "1",
            "-l",
            "32",
            "-e",
        ];
        var start = new ProcessStartInfo("argon2", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("argon2 is missing: run eng/install.");
        await process.StandardInput.WriteAsync(password);
        process.StandardInput.Close();
        var output = (await process.StandardOutput.ReadToEndAsync()).Trim();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return output;
    }

    private static string Identity(string password, uint prf, int iterations)
    {
        var algorithm = prf switch
        {
            0 => HashAlgorithmName.SHA1,
            1 => HashAlgorithmName.SHA256,
            _ => HashAlgorithmName.SHA512,
        };
        var salt = RandomNumberGenerator.GetBytes(16);
        var bytes = new byte[13 + 16 + 32];
        bytes[0] = 1;
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(1), prf);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(5), iterations);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(9), 16);
        salt.CopyTo(bytes, 13);
        Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, algorithm, 32).CopyTo(bytes, 29);
        return Convert.ToBase64String(bytes);
    }
}
