using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Autom8.Client;
using Autom8.Host.Tests.Running;
using Xunit.Abstractions;

namespace Autom8.Host.Tests.Operation;

/// <summary>
/// Two hosts on one PostgreSQL and one Redis: what is edited through one is read through the other within the bound that the cache promises, and once seen it is never unseen.
/// <c>AUTOM8_EDITS=10000</c> makes the drill as long.
/// </summary>
public sealed class EditDrillTests(EditDrillTests.PairFixture pair, ITestOutputHelper output) : IClassFixture<EditDrillTests.PairFixture>
{
    /// <summary>MaxStaleness of the cache, unless set.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(2);

    private static readonly int Edits = Environment.GetEnvironmentVariable("AUTOM8_EDITS") is { Length: > 0 } number
        ? int.Parse(number, CultureInfo.InvariantCulture)
        : 200;

    [Fact]
    public async Task Every_edit_is_seen_by_the_other_host_within_the_bound_and_never_unseen() =>
        output.WriteLine(await DrillAsync("all links up", static (_, _) => Task.CompletedTask));

    [Fact]
    public async Task The_same_while_the_subscriptions_of_both_hosts_are_cut_again_and_again() =>
        output.WriteLine(
            await DrillAsync(
                "subscriptions cut and healed",
                async (redis, ct) =>
                {
                    while (!ct.IsCancellationRequested)
                    {
                        await CutSubscriptionsAsync(redis);
                        await Task.Delay(300, ct);
                    }
                }
            )
        );

    [Fact]
    public async Task After_kill_9_of_the_host_that_edits_the_other_reads_what_was_committed()
    {
        var contacts = new List<Contact>();
        for (var i = 0; i < 8; i++)
        {
            contacts.Add(await pair.One.CreateContactAsync(new ContactDraft { Name = "Version 1" }));
            await pair.Two.GetContactAsync(contacts[i].Id);
        }

        // Eight editors, so that some stand between commit and removal when the plug is pulled.
        var acknowledged = 0;
        var editing = contacts.Select(contact =>
            Task.Run(async () =>
            {
                for (var version = 1L; ; version++)
                {
                    await pair.One.UpdateContactAsync(contact.Id, new ContactDraft { Name = $"Version {version + 1}" }, version);
                    if (Interlocked.Increment(ref acknowledged) == 100)
                    {
                        await pair.KillOneAsync();
                    }
                }
            })
        );
        await Assert.ThrowsAnyAsync<Exception>(() => Task.WhenAll(editing));

        // A list reads the database. Once it is past the bound the cache says the same; an entry that was left behind would stand there for five minutes.
        var committed = new Dictionary<Guid, long>();
        await foreach (var contact in pair.Two.ListContactsAsync(200))
        {
            committed[contact.Id] = contact.Version;
        }

        foreach (var contact in contacts)
        {
            await Eventually.UntilAsync(
                () => pair.Two.GetContactAsync(contact.Id),
                seen => seen.Version >= committed[contact.Id],
                TimeSpan.FromSeconds(20)
            );
        }

        await pair.StartOneAsync();
    }

    private async Task<string> DrillAsync(string what, Func<RedisServer, CancellationToken, Task> disturb)
    {
        var contact = await pair.One.CreateContactAsync(new ContactDraft { Name = "Version 1" });
        var committedAt = new ConcurrentDictionary<long, long>();
        var seenAt = new ConcurrentDictionary<long, long>();
        var behind = new ConcurrentQueue<double>();
        var newest = 1L;
        using var done = new CancellationTokenSource();

        async Task WatchAsync()
        {
            var before = 0L;
            while (true)
            {
                var began = Stopwatch.GetTimestamp();
                var last = Interlocked.Read(ref newest);
                var seen = (await pair.Two.GetContactAsync(contact.Id)).Version;
                var now = Stopwatch.GetTimestamp();
                Assert.True(seen >= before, $"Version {seen} after {before} had been seen");
                for (var version = before + 1; version <= seen; version++)
                {
                    seenAt.AddOrUpdate(version, now, (_, other) => Math.Min(other, now));
                }

                // A version that had been acknowledged for longer than the bound when the read began must have been seen.
                if (seen < last && committedAt.TryGetValue(seen + 1, out var missed))
                {
                    var age = Stopwatch.GetElapsedTime(missed, began);
                    Assert.True(age <= Bound, $"Version {seen} was read {age} after {seen + 1} had been acknowledged");
                    behind.Enqueue(age.TotalMilliseconds);
                }

                before = seen;
                if (seen > Edits)
                {
                    return;
                }
            }
        }

        var watching = Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(WatchAsync)));
        var disturbing = Task.Run(() => disturb(pair.Redis, done.Token));
        for (var version = 1L; version <= Edits && !watching.IsFaulted; version++)
        {
            await pair.One.UpdateContactAsync(contact.Id, new ContactDraft { Name = $"Version {version + 1}" }, version);
            committedAt[version + 1] = Stopwatch.GetTimestamp();
            Interlocked.Exchange(ref newest, version + 1);
        }

        await watching.WaitAsync(TimeSpan.FromMinutes(1));
        await done.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await disturbing;
            done.Token.ThrowIfCancellationRequested();
        });
        double[] delays =
        [
            .. committedAt.Select(edit => Math.Max(0, Stopwatch.GetElapsedTime(edit.Value, seenAt[edit.Key]).TotalMilliseconds)).Order(),
        ];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{delays.Length} edits, {what}: seen by the other host after p50 {At(0.5):0.0} ms, p99 {At(0.99):0.0} ms, max {delays[^1]:0.0} ms, the time of the read included; the most outdated answer was asked for {behind.DefaultIfEmpty().Max():0.0} ms after the edit (bound {Bound.TotalMilliseconds:0} ms)"
        );

        double At(double quantile) => delays[Math.Min(delays.Length - 1, (int)Math.Ceiling(quantile * delays.Length) - 1)];
    }

    private static async Task CutSubscriptionsAsync(RedisServer redis)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", redis.Port);
        var stream = client.GetStream();
        await stream.WriteAsync("CLIENT KILL TYPE pubsub\r\n"u8.ToArray());
        using var reader = new StreamReader(stream);
        Assert.StartsWith(":", await reader.ReadLineAsync(), StringComparison.Ordinal);
    }

    /// <summary>Two hosts with a Redis of their own, which may be disturbed.</summary>
    public sealed class PairFixture : IAsyncLifetime
    {
        private readonly TemporaryFolder _one = new();
        private readonly TemporaryFolder _two = new();
        private HostProcess _first = null!;
        private HostProcess _second = null!;
        private Dictionary<string, string> _settings = null!;
        private string _token = null!;

        public RedisServer Redis { get; private set; } = null!;

        public Autom8Client One { get; private set; } = null!;

        public Autom8Client Two { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Redis = await RedisServer.StartAsync();
            _settings = new Dictionary<string, string>
            {
                ["ConnectionStrings:PostgreSql"] = await PostgreSqlServer.Shared.CreateDatabaseAsync(),
                ["ConnectionStrings:Redis"] = Redis.Endpoint,
                ["Autom8:Security:KeyEncryptionKey"] = Convert.ToBase64String(
                    System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)
                ),
                ["Autom8:Api:NetworkLimit:Burst"] = "1000000",
                ["Autom8:Api:SubjectLimit:Burst"] = "1000000",
                ["Logging:LogLevel:Autom8"] = "Warning",
            };
            _first = await HostProcess.StartAsync(_one.Path, _settings);
            _second = await HostProcess.StartAsync(_two.Path, _settings);
            One = new Autom8Client(new HttpClient { BaseAddress = _first.Address });
            var password = await File.ReadAllTextAsync(_one.Combine("data-keys", "admin.one-time-password"));
            await One.ChangePasswordAsync("admin", password.Trim(), ServiceFixture.AdministratorPassword);
            _token = (await One.LoginAsync("admin", ServiceFixture.AdministratorPassword)).AccessToken;
            Two = Client(_second);
        }

        public async Task DisposeAsync()
        {
            await _first.DisposeAsync();
            await _second.DisposeAsync();
            await Redis.DisposeAsync();
            _one.Dispose();
            _two.Dispose();
        }

        public Task KillOneAsync() => _first.KillAsync();

        public async Task StartOneAsync()
        {
            await _first.DisposeAsync();
            _first = await HostProcess.StartAsync(_one.Path, _settings);
            One = Client(_first);
        }

        private Autom8Client Client(HostProcess host)
        {
            var client = new Autom8Client(new HttpClient { BaseAddress = host.Address });
            client.UseToken(_token);
            return client;
        }
    }
}
