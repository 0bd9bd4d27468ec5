using Autom8.Security.Audit;
using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using Autom8.Security.Tokens;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Security.Tests.Keys;

/// <summary>Two nodes that share a keyring go on working while every key they use is rotated again and again.</summary>
public sealed class RotationUnderLoadTests
{
    private const int Rotations = 20;

    [Fact]
    public async Task What_one_node_makes_the_other_reads_through_twenty_rotations_of_every_key()
    {
        var time = new FakeTimeProvider(Keyrings.Start);
        var store = new SharedKeyring(Keyrings.New());
        using var one = new Node(store, time);
        using var two = new Node(store, time);
        await one.StartAsync();
        await two.StartAsync();
        using var stop = new CancellationTokenSource();
        var progress = new int[4];
        var work = Enumerable
            .Range(0, progress.Length)
            .Select(i => Task.Run(() => Work(i % 2 == 0 ? one : two, i % 2 == 0 ? two : one, ref progress[i], stop.Token)))
            .ToArray();
        try
        {
            for (var rotation = 0; rotation < Rotations; rotation++)
            {
                foreach (var purpose in Enum.GetValues<KeyPurpose>())
                {
                    await (rotation % 2 == 0 ? one : two).Lifecycle.RotateAsync(purpose, AuditActor.System);
                }

                // The other node hears of the new keys, has the time to load them, and only then are they used: first by one node, a while later by both.
                await one.Lifecycle.AdvanceAsync();
                await two.Lifecycle.AdvanceAsync();
                time.Advance(TimeSpan.FromMinutes(1));
                await (rotation % 2 == 0 ? two : one).Lifecycle.AdvanceAsync();
                Busy(progress, work);
                await one.Lifecycle.AdvanceAsync();
                await two.Lifecycle.AdvanceAsync();
                Busy(progress, work);
            }
        }
        finally
        {
            await stop.CancelAsync();
        }

        await Task.WhenAll(work);
        Assert.All(Enum.GetValues<KeyPurpose>(), purpose => Assert.Equal(1 + Rotations, one.Provider.Current.All(purpose).Count));
        Assert.All(progress, rounds => Assert.True(rounds >= 2 * Rotations));
    }

    // Every worker has done a whole round in this state of the keyrings.
    private static void Busy(int[] progress, Task[] work)
    {
        var before = progress.ToArray();
        Assert.True(
            SpinWait.SpinUntil(
                () =>
                    work.Any(worker => worker.IsFaulted)
                    || Enumerable.Range(0, progress.Length).All(i => Volatile.Read(ref progress[i]) > before[i] + 1),
                TimeSpan.FromMinutes(1)
            )
        );
    }

    private static void Work(Node maker, Node reader, ref int rounds, CancellationToken stop)
    {
        var context = new FieldContext("contact", "email_encrypted", Guid.CreateVersion7(Keyrings.Start));
        var longAgo = maker.Fields.Protect("from the beginning", context);
        while (!stop.IsCancellationRequested)
        {
            var field = maker.Fields.Protect("someone@example.org", context);
            Assert.Equal("someone@example.org", reader.Fields.Unprotect(field, context));
            Assert.Equal("from the beginning", reader.Fields.Unprotect(longAgo, context));
            var index = maker.Index.Compute("contact", "email", "someone@example.org");
            Assert.Contains(reader.Index.Candidates("contact", "email", "someone@example.org"), index.SequenceEqual);
            var token = maker.Issuer.Issue(new TokenRequest("ann"));
            Assert.Equal(TokenStatus.Valid, reader.Validator.Validate(token.Token, out _));
            Interlocked.Increment(ref rounds);
        }
    }

    private sealed class Node : IDisposable
    {
        public Node(IKeyringStore store, TimeProvider time)
        {
            var options = new SecurityOptions();
            options.Tokens.AccessLifetime = TimeSpan.FromDays(1);
            var usage = new KeyUsageReader(() => []);
            Provider = new KeyringProvider(store, usage, options.Keys, time, NullLogger.Instance);
            Lifecycle = new KeyLifecycle(Provider, store, usage, options, time, NullLogger.Instance);
            Fields = new FieldProtector(Provider);
            Index = new BlindIndex(Provider);
            Issuer = new TokenIssuer(Provider, options.Tokens, time);
            Validator = new TokenValidator(Provider, options.Tokens, time);
        }

        public KeyringProvider Provider { get; }

        public KeyLifecycle Lifecycle { get; }

        public FieldProtector Fields { get; }

        public BlindIndex Index { get; }

        public TokenIssuer Issuer { get; }

        public TokenValidator Validator { get; }

        public Task StartAsync() => Provider.InitializeAsync().AsTask();

        public void Dispose()
        {
            Lifecycle.Dispose();
            Provider.Dispose();
        }
    }
}
