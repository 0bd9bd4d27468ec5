using System.Security.Cryptography;
using Autom8.Security.Audit;
using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using Autom8.Security.Tokens;
using Autom8.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace Autom8.Security.Tests.Keys;

/// <summary>A node that could not read the shared keyring for too long makes nothing with it, and reads on.</summary>
public sealed class StaleKeyringTests : IAsyncLifetime
{
    private const string Away = "alter table autom8.keyring rename to elsewhere";
    private const string Back = "alter table autom8.elsewhere rename to keyring";

    // The publish delay of a minute; two polls of a second and ten seconds.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(72);
    private static readonly FieldContext Place = new("contact", "email_encrypted", Guid.CreateVersion7(Keyrings.Start));

    private readonly byte[] _kek = RandomNumberGenerator.GetBytes(32);
    private string _database = "";

    public async Task InitializeAsync() => _database = await PostgreSqlServer.Shared.CreateDatabaseAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData(Away, Back)]
    [InlineData("update autom8.keyring set revision = revision + 7", "update autom8.keyring set revision = revision - 7")]
    public async Task A_node_that_is_cut_off_makes_nothing_new_until_it_can_read_the_keyring_again(string cut, string mend)
    {
        await using var node = await StartAsync();
        await node.Lifecycle().AdvanceAsync();
        var (fields, index) = (node.GetRequiredService<IFieldProtector>(), node.GetRequiredService<IBlindIndex>());
        var (issuer, validator) = (node.GetRequiredService<ITokenIssuer>(), node.GetRequiredService<ITokenValidator>());
        var field = fields.Protect("ann@example.org", Place);
        await ExecuteAsync(cut);
        Time(node).Advance(Limit);
        await Assert.ThrowsAnyAsync<Exception>(async () => await node.Lifecycle().AdvanceAsync());
        Assert.False(node.Lifecycle().IsStale);
        var token = issuer.Issue(new TokenRequest("ann")).Token;
        var print = index.Compute("contact", "email", "ann@example.org");

        Time(node).Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAnyAsync<Exception>(async () => await node.Lifecycle().AdvanceAsync());
        Assert.True(node.Lifecycle().IsStale);
        var refused = Assert.Throws<KeyringStaleException>(() => issuer.Issue(new TokenRequest("ann")));
        Assert.Equal((Limit + TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)), (refused.Age, refused.RetryAfter));
        Assert.Throws<KeyringStaleException>(() => fields.Protect("bob@example.org", Place));
        Assert.Throws<KeyringStaleException>(() => index.Compute("contact", "email", "bob@example.org"));
        await Assert.ThrowsAsync<KeyringStaleException>(async () =>
            await node.GetRequiredService<ISubjectKeys>().ReadOrCreateAsync(new[] { Guid.CreateVersion7(Keyrings.Start) })
        );

        Assert.Equal("ann@example.org", fields.Unprotect(field, Place));
        Assert.Contains(index.Candidates("contact", "email", "ann@example.org"), print.SequenceEqual);
        Assert.Equal(TokenStatus.Valid, validator.Validate(token, out _));
        Assert.NotNull(node.Ring().Active(KeyPurpose.Cache));
        Assert.NotNull(node.Ring().Active(KeyPurpose.Cursor));

        await ExecuteAsync(mend);
        await node.Lifecycle().AdvanceAsync();
        Assert.False(node.Lifecycle().IsStale);
        Assert.Equal("bob@example.org", fields.Unprotect(fields.Protect("bob@example.org", Place), Place));
        Assert.NotEmpty(issuer.Issue(new TokenRequest("ann")).Token);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    [InlineData(59)]
    [InlineData(60)]
    public async Task A_key_is_retired_only_after_a_node_that_was_cut_off_has_stopped_to_use_it(int cutOffAfter)
    {
        await using var one = await StartAsync();
        await using var two = await StartAsync();
        var fields = two.GetRequiredService<IFieldProtector>();
        var rotation = await one.Lifecycle().RotateAsync(KeyPurpose.FieldEncryption, AuditActor.System);
        var old = two.Ring().All(KeyPurpose.FieldEncryption)[0].Id;
        await two.Lifecycle().AdvanceAsync();
        var made = true;
        for (var second = 1; ; second++)
        {
            Assert.True(second < 300);
            Time(one).Advance(TimeSpan.FromSeconds(1));
            Time(two).Advance(TimeSpan.FromSeconds(1));
            if (second < cutOffAfter)
            {
                await two.Lifecycle().AdvanceAsync();
            }

            await one.Lifecycle().AdvanceAsync();
            made = Makes(fields);
            try
            {
                await one.Lifecycle().RetireAsync(old, AuditActor.System);
                break;
            }
            catch (KeyringException)
            {
                // Not yet.
            }
        }

        Assert.False(made);
        Assert.Equal(rotation.Key, one.Ring().Active(KeyPurpose.FieldEncryption).Id);
    }

    [Fact]
    public async Task A_count_of_whole_tables_does_not_make_the_keyring_stale()
    {
        var counting = new SlowCount();
        await using var node = await StartAsync(security => security.AddSingleton<IKeyUsage>(counting));
        var old = node.Ring().Active(KeyPurpose.AccountSecret).Id;
        await node.Lifecycle().RotateAsync(KeyPurpose.AccountSecret, AuditActor.System);
        await node.Lifecycle().AdvanceAsync();
        Time(node).Advance(TimeSpan.FromMinutes(1));
        await node.Lifecycle().AdvanceAsync();
        Time(node).Advance(TimeSpan.FromMinutes(2));
        await node.Lifecycle().AdvanceAsync();
        var release = counting.Hold();
        var retiring = node.Lifecycle().RetireAsync(old, AuditActor.System).AsTask();
        await counting.Reached;

        Time(node).Advance(TimeSpan.FromMinutes(10));
        Assert.Empty(await node.Lifecycle().AdvanceAsync());
        Assert.Equal(TimeSpan.Zero, node.Lifecycle().RefreshAge);
        Assert.False(node.Lifecycle().IsStale);
        release.SetResult();
        Assert.Single(await retiring);
    }

    [Fact]
    public async Task Where_one_process_is_alone_or_nobody_refreshes_nothing_is_refused()
    {
        using var folder = new TemporaryFolder();
        await using var alone = SecurityServices.Start(security =>
            security.UseSqlite("Data Source=" + folder.Combine("data", "autom8.db"))
        );
        await alone.KeyringAsync();
        await alone.Lifecycle().AdvanceAsync();
        await using var command = await StartAsync();
        foreach (var node in new[] { alone, command })
        {
            Time(node).Advance(TimeSpan.FromDays(400));
            Assert.False(node.Lifecycle().IsStale);
            Assert.True(Makes(node.GetRequiredService<IFieldProtector>()));
        }
    }

    private static bool Makes(IFieldProtector fields)
    {
        try
        {
            fields.Protect("ann@example.org", Place);
            return true;
        }
        catch (KeyringStaleException)
        {
            return false;
        }
    }

    private static FakeTimeProvider Time(ServiceProvider node) => (FakeTimeProvider)node.GetRequiredService<TimeProvider>();

    private async Task<ServiceProvider> StartAsync(Action<IServiceCollection>? register = null)
    {
        var provider = SecurityServices.Start(
            security =>
            {
                register?.Invoke(security.Services);
                return security.UsePostgreSql(_database);
            },
            configure: null,
            ("Autom8:Security:KeyEncryptionKey", Convert.ToBase64String(_kek))
        );
        await provider.KeyringAsync();
        return provider;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_database);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private sealed class SlowCount : IKeyUsage
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TaskCompletionSource? _held;

        public Task Reached => _reached.Task;

        public TaskCompletionSource Hold() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask<IReadOnlyList<KeyUse>> CountAsync(CancellationToken cancellationToken = default)
        {
            if (_held is { } held)
            {
                _reached.TrySetResult();
                await held.Task;
            }

            return [];
        }
    }
}
