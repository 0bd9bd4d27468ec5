using System.Diagnostics.Metrics;
using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using Autom8.Security.Passwords;

namespace Autom8.Security.Tests.Passwords;

public sealed class PasswordHasherTests
{
    private static readonly Guid Account = new("0198c0de-0000-7000-8000-000000000001");

    // Cheap on purpose: the settings of the hash are not what these tests are about.
    private static readonly PasswordOptions Cheap = new() { MemoryKiB = 64, Passes = 1 };

    private readonly Keyring _keyring = Keyrings.New();

    [Fact]
    public async Task The_right_password_verifies_and_another_does_not()
    {
        using var hasher = Hasher();
        var encoded = await hasher.HashAsync(Account, "correct horse");
        Assert.Equal(PasswordVerdict.Right, await hasher.VerifyAsync(Account, encoded, "correct horse"));
        Assert.Equal(PasswordVerdict.Wrong, await hasher.VerifyAsync(Account, encoded, "Correct horse"));
        Assert.Equal(PasswordVerdict.Wrong, await hasher.VerifyAsync(Account, encoded, ""));
        Assert.Equal(PasswordVerdict.Wrong, await hasher.VerifyAsync(Account, encoded, new string('x', 100_000)));
    }

    [Fact]
    public async Task With_the_default_settings_a_hash_is_current()
    {
        using var hasher = new PasswordHasher(_keyring, new PasswordOptions());
        var encoded = await hasher.HashAsync(Account, "correct horse");
        Assert.True(encoded.Length <= 256);
        Assert.Equal(PasswordVerdict.Right, await hasher.VerifyAsync(Account, encoded, "correct horse"));
    }

    [Fact]
    public async Task The_same_password_is_stored_differently_each_time_and_never_shows_the_hash()
    {
        using var hasher = Hasher();
        var first = await hasher.HashAsync(Account, "correct horse");
        Assert.NotEqual(first, await hasher.HashAsync(Account, "correct horse"));
        Assert.DoesNotContain("argon2", first, StringComparison.Ordinal);
        Assert.DoesNotContain("$", first, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hash_moved_to_another_account_is_refused()
    {
        using var hasher = Hasher();
        var encoded = await hasher.HashAsync(Account, "correct horse");
        var other = Guid.CreateVersion7(Keyrings.Start);
        var refused = await Assert.ThrowsAsync<FieldProtectionException>(async () =>
            await hasher.VerifyAsync(other, encoded, "correct horse")
        );
        Assert.Equal(other, refused.RowId);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not/base64url")]
    [InlineData("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$K13EBUiG7JV+9ZxztmHFTdb7J0WQsnj2V8bZaqyPptE")]
    public async Task A_stored_text_that_was_not_made_here_is_refused(string encoded)
    {
        using var hasher = Hasher();
        await Assert.ThrowsAsync<FieldProtectionException>(async () => await hasher.VerifyAsync(Account, encoded, "x"));
    }

    [Fact]
    public async Task Older_settings_and_an_older_key_ask_for_a_new_hash()
    {
        using var hasher = Hasher();
        var encoded = await hasher.HashAsync(Account, "correct horse");
        using var dearer = new PasswordHasher(_keyring, new PasswordOptions { MemoryKiB = 128, Passes = 1 });
        using var morePasses = new PasswordHasher(_keyring, new PasswordOptions { MemoryKiB = 64, Passes = 2 });
        using var rotated = new PasswordHasher(Keyrings.Rotated(_keyring, KeyPurpose.AccountSecret), Cheap);
        foreach (var later in new[] { dearer, morePasses, rotated })
        {
            Assert.Equal(PasswordVerdict.RightButRehash, await later.VerifyAsync(Account, encoded, "correct horse"));
            Assert.Equal(PasswordVerdict.Wrong, await later.VerifyAsync(Account, encoded, "wrong horse"));
            var again = await later.HashAsync(Account, "correct horse");
            Assert.Equal(PasswordVerdict.Right, await later.VerifyAsync(Account, again, "correct horse"));
        }
    }

    [Fact]
    public async Task A_password_matches_however_the_keyboard_composes_it()
    {
        using var hasher = Hasher();
        var encoded = await hasher.HashAsync(Account, "Zoe\u0308\u00A0caf\u00E9");
        Assert.Equal(PasswordVerdict.Right, await hasher.VerifyAsync(Account, encoded, "Zo\u00EB cafe\u0301"));
        Assert.Equal(PasswordVerdict.Wrong, await hasher.VerifyAsync(Account, encoded, "Zoe cafe"));
    }

    [Fact]
    public async Task What_no_password_may_be_is_refused_without_being_shown()
    {
        using var hasher = Hasher();
        var encoded = await hasher.HashAsync(Account, "x");
        foreach (var password in new[] { "", "xyzzy\t", "xyzzy\0", "xyzzy\u0085", "xyzzy\uD800", "\uDC00xyzzy" })
        {
            var refused = await Assert.ThrowsAsync<ArgumentException>(async () => await hasher.HashAsync(Account, password));
            Assert.DoesNotContain("xyzzy", refused.Message, StringComparison.Ordinal);
            Assert.Equal(PasswordVerdict.Wrong, await hasher.VerifyAsync(Account, encoded, password));
        }
    }

    [Fact]
    public async Task Passwords_of_up_to_1024_bytes_count_in_full()
    {
        using var hasher = Hasher();
        var longest = new string('é', 512);
        var encoded = await hasher.HashAsync(Account, longest);
        Assert.Equal(PasswordVerdict.Right, await hasher.VerifyAsync(Account, encoded, longest));
        Assert.Equal(PasswordVerdict.Wrong, await hasher.VerifyAsync(Account, encoded, longest[..511] + "è"));
        await Assert.ThrowsAsync<ArgumentException>(async () => await hasher.HashAsync(Account, longest + "x"));
    }

    [Fact]
    public async Task A_verification_for_nobody_computes_a_hash_too()
    {
        using var hasher = Hasher();
        var outcomes = new List<string>();
        using var listener = new MeterListener();
        var caller = new AsyncLocal<bool> { Value = true };
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Name == "autom8.security.password.hashes")
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>(
            (_, _, tags, _) =>
            {
                if (caller.Value)
                {
                    outcomes.Add((string)tags[0].Value!);
                }
            }
        );
        listener.Start();
        await hasher.DummyVerifyAsync("correct horse");
        Assert.Equal(["wrong"], outcomes);
    }

    [Fact]
    public async Task Without_an_account_there_is_no_hash()
    {
        using var hasher = Hasher();
        await Assert.ThrowsAsync<ArgumentException>(async () => await hasher.HashAsync(Guid.Empty, "x"));
        await Assert.ThrowsAsync<ArgumentException>(async () => await hasher.VerifyAsync(Guid.Empty, "x", "x"));
    }

    [Theory]
    [InlineData(7_167, 16, 1, 64, "MemoryKiB is 7167")]
    [InlineData(262_145, 2, 1, 64, "MemoryKiB is 262145")]
    [InlineData(19_456, 0, 1, 64, "Passes is 0")]
    [InlineData(19_456, 17, 1, 64, "Passes is 17")]
    [InlineData(19_456, 1, 1, 64, "too cheap")]
    [InlineData(19_456, 2, 0, 64, "MaxConcurrentHashes is 0")]
    [InlineData(19_456, 2, 1, -1, "QueueLimit is -1")]
    public void A_setting_that_is_wrong_is_named(int memory, int passes, int concurrent, int queue, string message)
    {
        var options = new PasswordOptions
        {
            MemoryKiB = memory,
            Passes = passes,
            MaxConcurrentHashes = concurrent,
            QueueLimit = queue,
        };
        Assert.Contains(options.Problems(), problem => problem.Contains(message, StringComparison.Ordinal));
    }

    /// <summary>OWASP Password Storage Cheat Sheet, Argon2id: the five settings it calls equivalent.</summary>
    [Theory]
    [InlineData(47_104, 1)]
    [InlineData(19_456, 2)]
    [InlineData(12_288, 3)]
    [InlineData(9_216, 4)]
    [InlineData(7_168, 5)]
    public void The_settings_that_OWASP_lists_are_accepted(int memory, int passes) =>
        Assert.Empty(new PasswordOptions { MemoryKiB = memory, Passes = passes }.Problems());

    private PasswordHasher Hasher() => new(_keyring, Cheap);
}
