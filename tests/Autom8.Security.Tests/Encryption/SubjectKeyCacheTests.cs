using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Security.Tests.Encryption;

public sealed class SubjectKeyCacheTests
{
    private const int Capacity = 16;

    private readonly FakeTimeProvider time = new(Keyrings.Start);
    private readonly Keyring keyring = Keyrings.New();
    private readonly SubjectKeyTable table = new();
    private readonly SubjectKeys keys;
    private readonly FieldProtector fields;
    private readonly Guid[] subjects = [.. Enumerable.Range(1, 200).Select(i => new Guid(i, 0, 0, new byte[8]))];

    public SubjectKeyCacheTests()
    {
        table.Add(new SubjectKeyWrapper(keyring), subjects);
        (keys, fields) = SubjectNodes.Over(table, keyring, time, Capacity);
    }

    [Fact]
    public async Task Never_more_keys_are_kept_than_the_bound_allows()
    {
        foreach (var subject in subjects)
        {
            (await keys.ReadAsync(new[] { subject }, default)).Dispose();
            Assert.InRange(keys.Cache.Count, 1, Capacity);
        }

        Assert.Equal(Capacity, keys.Cache.Count);
    }

    [Fact]
    public async Task A_page_larger_than_the_cache_is_held_whole_and_let_go_again()
    {
        using (await keys.ReadAsync(subjects, default))
        {
            Assert.All(subjects, subject => fields.Protect("x", Phone(subject)));
        }

        Assert.Equal(Capacity, keys.Cache.Count);
        using var again = await keys.ReadAsync(subjects, default);
        Assert.All(subjects, subject => fields.Protect("x", Phone(subject)));
    }

    [Fact]
    public async Task A_key_that_is_used_again_and_again_outlives_those_that_are_used_once()
    {
        using (await keys.ReadAsync(new[] { subjects[0] }, default)) { }

        foreach (var subject in subjects[1..])
        {
            (await keys.ReadAsync(new[] { subject }, default)).Dispose();
            fields.Protect("x", Phone(subjects[0])); // throws when it was evicted
        }

        Assert.Equal(200, table.Reads);
    }

    [Fact]
    public async Task An_evicted_forgotten_or_shredded_key_is_wiped_but_not_before_the_last_use_of_it_ends()
    {
        var (_, evicted) = await UseAsync(subjects[0]);
        keys.Cache.EndUse(evicted);
        (await keys.ReadAsync(subjects.AsMemory(1), default)).Dispose();
        Assert.True(evicted.IsWiped);

        foreach (var end in new Func<Guid, Task>[] { s => keys.ShredAsync(s, default).AsTask(), s => Task.Run(() => keys.Forget(s)) })
        {
            var (_, used) = await UseAsync(subjects[5]);
            await end(subjects[5]);
            Assert.False(used.IsWiped);
            Assert.False(keys.TryBeginUse(subjects[5], out _, out _)); // but nobody new
            used.Cipher.Encrypt(new byte[12], new byte[1], new byte[1], new byte[16], []);
            keys.Cache.EndUse(used);
            Assert.True(used.IsWiped);
            table.Add(new SubjectKeyWrapper(keyring), subjects[5]);
        }
    }

    [Fact]
    public async Task Disposal_wipes_everything()
    {
        var (_, key) = await UseAsync(subjects[0]);
        keys.Cache.EndUse(key);
        keys.Dispose();
        Assert.True(key.IsWiped);
        Assert.Equal(0, keys.Cache.Count);
    }

    [Fact]
    public async Task A_key_that_nobody_asks_for_is_wiped_when_its_time_is_over_and_one_that_is_held_is_not()
    {
        var (_, idle) = await UseAsync(subjects[0]);
        keys.Cache.EndUse(idle);
        using var lease = await keys.ReadAsync(new[] { subjects[1] }, default);
        time.Advance(TimeSpan.FromSeconds(21)); // a sweep finds it too old at the latest
        Assert.True(idle.IsWiped);
        fields.Protect("x", Phone(subjects[1]));
    }

    [Fact]
    public async Task After_its_time_a_key_is_looked_up_again_but_not_unwrapped_again()
    {
        var (_, before) = await UseAsync(subjects[0]);
        time.Advance(TimeSpan.FromSeconds(9));
        var (reads, _) = await UseAsync(subjects[0]);
        time.Advance(TimeSpan.FromSeconds(2));
        var (readsLater, after) = await UseAsync(subjects[0]);

        Assert.Equal((1, 2), (reads, readsLater));
        Assert.Same(before, after);
    }

    [Fact]
    public async Task A_row_that_was_read_before_its_key_was_shredded_does_not_bring_the_key_back()
    {
        table.AfterRead = () =>
        {
            table.AfterRead = null;
            keys.ShredAsync(subjects[0], default).AsTask().Wait();
        };
        (await keys.ReadAsync(new[] { subjects[0] }, default)).Dispose();

        Assert.False(keys.TryBeginUse(subjects[0], out _, out _));
        using var lease = await keys.ReadAsync(new[] { subjects[0] }, default);
        Assert.False(keys.TryBeginUse(subjects[0], out _, out var failure));
        Assert.Equal(FieldProtectionFailure.Shredded, failure);
    }

    [Fact]
    public async Task A_cancelled_or_failed_reading_holds_nothing()
    {
        table.AfterRead = () => throw new TimeoutException();
        (await Task.WhenAny(keys.ReadAsync(subjects, default).AsTask())).Exception!.Handle(e => e is TimeoutException);
        table.AfterRead = null;
        (await keys.ReadAsync(subjects, default)).Dispose();
        Assert.Equal(Capacity, keys.Cache.Count);
    }

    /// <summary>More subjects than the cache holds, shredded and forgotten meanwhile: a field is read right or refused, never wrong.</summary>
    [Fact]
    public async Task Many_threads_that_read_write_evict_forget_and_shred_never_see_a_wrong_value()
    {
        var rounds = Environment.GetEnvironmentVariable("AUTOM8_LONG") is null ? 400 : 100_000;
        var ciphertexts = new byte[subjects.Length][];
        using (await keys.ReadAsync(subjects, default))
        {
            for (var i = 0; i < subjects.Length; i++)
            {
                ciphertexts[i] = fields.Protect($"value of {i}", Phone(subjects[i])).ToArray();
            }
        }

        var shredded = new bool[subjects.Length];
        var readAtAll = 0;
        await Task.WhenAll(
            Enumerable
                .Range(0, 4)
                .Select(thread =>
                    Task.Run(async () =>
                    {
                        var random = new Random(thread);
                        var buffer = new byte[128];
                        var fresh = new byte[128];
                        for (var round = 0; round < rounds; round++)
                        {
                            var page = Enumerable.Range(0, 24).Select(_ => random.Next(subjects.Length)).ToArray();
                            var wasShredded = page.Select(i => Volatile.Read(ref shredded[i])).ToArray();
                            using var lease = await keys.ReadAsync(page.Select(i => subjects[i]).ToArray(), default);
                            for (var n = 0; n < page.Length; n++)
                            {
                                var i = page[n];
                                if (fields.TryUnprotect(ciphertexts[i], Phone(subjects[i]), buffer, out var written, out var failure))
                                {
                                    Assert.Equal($"value of {i}", System.Text.Encoding.UTF8.GetString(buffer, 0, written));
                                    Assert.False(wasShredded[n]);
                                    Interlocked.Increment(ref readAtAll);
                                }
                                else
                                {
                                    // Forgotten while the lease was held, or shredded: never a failure of the cipher.
                                    Assert.Contains(
                                        failure.Value,
                                        new[] { FieldProtectionFailure.UnknownKey, FieldProtectionFailure.Shredded }
                                    );
                                }

                                try
                                {
                                    var length = fields.Protect(buffer.AsSpan(0, 16), Phone(subjects[i]), fresh);
                                    Assert.Equal(46, length);
                                }
                                catch (FieldProtectionException refused)
                                {
                                    Assert.NotEqual(FieldProtectionFailure.NotAuthentic, refused.Failure);
                                }
                            }

                            keys.Forget(subjects[random.Next(subjects.Length)]);
                            if (round % (rounds / 20) == 0)
                            {
                                var victim = random.Next(subjects.Length);
                                await keys.ShredAsync(subjects[victim], default);
                                Volatile.Write(ref shredded[victim], true);
                                time.Advance(TimeSpan.FromSeconds(1));
                            }
                        }
                    })
                )
        );

        Assert.True(readAtAll > rounds);
        Assert.InRange(keys.Cache.Count, 1, Capacity + 4);
    }

    private static FieldContext Phone(Guid subject) => new("contact", "phone_encrypted", subject, subject);

    // Reads a key, lets go of the lease and begins a use.
    private async Task<(int Reads, SubjectKey Key)> UseAsync(Guid subject)
    {
        using var lease = await keys.ReadAsync(new[] { subject }, default);
        Assert.True(keys.TryBeginUse(subject, out var key, out _));
        return (table.Reads, key);
    }
}
