using System.Security.Cryptography;
using Autom8.Security.Audit;
using Autom8.Security.Keys;
using Autom8.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace Autom8.Security.Tests.Keys;

public sealed class PostgreSqlKeyRotationTests : IAsyncLifetime
{
    private static readonly AuditActor Ann = new("ann", "r1");

    private readonly byte[] _kek = RandomNumberGenerator.GetBytes(32);
    private string _database = "";

    public async Task InitializeAsync() => _database = await PostgreSqlServer.Shared.CreateDatabaseAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Nodes_that_rotate_at_once_make_one_key_and_use_it_only_once_all_have_loaded_it()
    {
        await using var one = await StartAsync();
        await using var two = await StartAsync();
        await using var three = await StartAsync();
        ServiceProvider[] nodes = [one, two, three];
        var old = one.Ring().Active(KeyPurpose.TokenSigning).Id;

        var rotations = await Task.WhenAll(
            nodes.SelectMany(node =>
                Enumerable.Range(0, 3).Select(_ => node.Lifecycle().RotateAsync(KeyPurpose.TokenSigning, Ann).AsTask())
            )
        );

        Assert.Single(rotations, rotation => rotation.IsNew);
        var key = Assert.Single(rotations.Select(rotation => rotation.Key).Distinct());
        Assert.All(rotations, rotation => Assert.Equal(KeyState.Pending, rotation.State));
        await AdvanceAsync(nodes, TimeSpan.FromSeconds(1));
        Assert.All(nodes, node => Assert.Equal(old, node.Ring().Active(KeyPurpose.TokenSigning).Id));
        Assert.All(nodes, node => Assert.True(node.Ring().TryFind(KeyPurpose.TokenSigning, key, out _)));

        await AdvanceAsync(nodes, TimeSpan.FromSeconds(58));
        Assert.All(nodes, node => Assert.Equal(old, node.Ring().Active(KeyPurpose.TokenSigning).Id));
        await AdvanceAsync(nodes, TimeSpan.FromSeconds(2));
        await AdvanceAsync(nodes, TimeSpan.FromSeconds(1));
        Assert.All(nodes, node => Assert.Equal(key, node.Ring().Active(KeyPurpose.TokenSigning).Id));
        Assert.All(nodes, node => Assert.Equal(2, node.Ring().All(KeyPurpose.TokenSigning).Count));
        Assert.Equal(["key.activated", "key.rotated", "key.superseded"], await ActionsAsync(one));
    }

    [Fact]
    public async Task A_node_that_starts_with_a_wrong_time_of_day_cannot_hurry_a_key()
    {
        await using var one = await StartAsync();
        var rotation = await one.Lifecycle().RotateAsync(KeyPurpose.Audit, Ann);
        await using var ahead = await StartAsync(start: Keyrings.Start + TimeSpan.FromDays(400));
        await ahead.Lifecycle().AdvanceAsync();
        Assert.NotEqual(rotation.Key, ahead.Ring().Active(KeyPurpose.Audit).Id);
    }

    [Fact]
    public async Task A_schedule_makes_one_key_however_many_nodes_follow_it()
    {
        void Monthly(SecurityOptions o) => o.Keys.RotateEvery = TimeSpan.FromDays(30);
        await using var one = await StartAsync(Monthly);
        await using var two = await StartAsync(Monthly);
        ServiceProvider[] nodes = [one, two];
        await AdvanceAsync(nodes, TimeSpan.FromDays(30));
        foreach (var purpose in Enum.GetValues<KeyPurpose>())
        {
            Assert.Equal([KeyState.Active, KeyState.Pending], one.Ring().All(purpose).Select(key => key.State).Order().Reverse());
        }

        await AdvanceAsync(nodes, TimeSpan.FromMinutes(1));
        await AdvanceAsync(nodes, TimeSpan.FromMinutes(1));
        Assert.All(Enum.GetValues<KeyPurpose>(), purpose => Assert.Equal(2, two.Ring().All(purpose).Count));
        Assert.Equal(one.Ring().Revision, two.Ring().Revision);
    }

    [Fact]
    public async Task A_change_and_its_audit_entry_are_there_together_or_not_at_all()
    {
        await using var node = await StartAsync();
        var before = node.Ring();
        await ExecuteAsync("alter table autom8.audit_log rename to elsewhere");
        await Assert.ThrowsAsync<PostgresException>(async () => await node.Lifecycle().RotateAsync(KeyPurpose.Cache, Ann));
        await ExecuteAsync("alter table autom8.elsewhere rename to audit_log");
        Assert.Same(before, node.Ring());
        await using var other = await StartAsync();
        Assert.Equal(before.Revision, other.Ring().Revision);
        Assert.Empty(await ActionsAsync(other));
    }

    [Fact]
    public async Task Eight_nodes_that_start_at_once_on_an_earlier_versions_keyring_complete_it_once()
    {
        KeyPurpose[] later = [KeyPurpose.Refresh, KeyPurpose.Backup];
        var keyring = Keyrings.New();
        await (await StartAsync()).DisposeAsync();
        await using (var source = NpgsqlDataSource.Create(_database))
        {
            await using var command = source.CreateCommand(
                "with k as (update autom8.keyring set keyring_id = $1, wrapped = $2, revision = 0) update autom8.keyring_check set keyring_id = $1, check_value = $3"
            );
            command.Parameters.Add(new NpgsqlParameter { Value = keyring.Id });
            command.Parameters.Add(
                new NpgsqlParameter { Value = StoredByEarlierVersion.Wrapped1(StoredByEarlierVersion.Format1(keyring, later), _kek) }
            );
            command.Parameters.Add(new NpgsqlParameter { Value = KeyringCheck.Of(StoredByEarlierVersion.Reduced(keyring, later)).Value });
            await command.ExecuteNonQueryAsync();
        }

        var nodes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => StartAsync())));

        Assert.All(nodes, node => Assert.Equal(1, node.Ring().Revision));
        Assert.Single(nodes.Select(node => node.Ring().Active(KeyPurpose.Backup).Id).Distinct());
        Assert.All(nodes, node => Assert.Equal(keyring.Active(KeyPurpose.Audit).Id, node.Ring().Active(KeyPurpose.Audit).Id));
        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("delete from autom8.keyring")]
    [InlineData("delete from autom8.keyring; delete from autom8.keyring_check")]
    [InlineData("update autom8.keyring set revision = 7")]
    [InlineData("update autom8.keyring set revision = 7, wrapped = set_byte(wrapped, 200, get_byte(wrapped, 200) # 1)")]
    public async Task A_running_node_goes_on_with_its_keyring_when_the_stored_one_is_gone_or_altered(string damage)
    {
        await using var node = await StartAsync();
        var before = node.Ring();
        await ExecuteAsync(damage);
        await Assert.ThrowsAsync<KeyringException>(async () => await node.Lifecycle().AdvanceAsync());
        Assert.Same(before, node.Ring());
        Assert.NotEmpty(await node.Lifecycle().VerifyAsync());
    }

    [Fact]
    public async Task A_key_that_was_active_a_moment_ago_is_not_retired()
    {
        await using var node = await StartAsync();
        var old = node.Ring().Active(KeyPurpose.Cache).Id;
        await node.Lifecycle().RotateAsync(KeyPurpose.Cache, Ann);
        await AdvanceAsync([node], TimeSpan.Zero);
        await AdvanceAsync([node], TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<KeyringException>(async () => await node.Lifecycle().RetireAsync(old, Ann));
        await AdvanceAsync([node], TimeSpan.FromSeconds(83));
        await Assert.ThrowsAsync<KeyringException>(async () => await node.Lifecycle().RetireAsync(old, Ann));
        await AdvanceAsync([node], TimeSpan.FromSeconds(1));
        Assert.Single(await node.Lifecycle().RetireAsync(old, Ann));
    }

    private static async Task AdvanceAsync(ServiceProvider[] nodes, TimeSpan by)
    {
        foreach (var node in nodes)
        {
            ((FakeTimeProvider)node.GetRequiredService<TimeProvider>()).Advance(by);
        }

        await Task.WhenAll(nodes.Select(node => node.Lifecycle().AdvanceAsync().AsTask()));
        await Task.WhenAll(nodes.Select(node => node.Lifecycle().AdvanceAsync().AsTask()));
    }

    private static async Task<IEnumerable<string>> ActionsAsync(ServiceProvider node) =>
        (await node.GetRequiredService<IAuditLog>().ListAsync(new AuditQuery(), CancellationToken.None))
            .Records.Select(record => record.Action)
            .Order(StringComparer.Ordinal);

    private async Task<ServiceProvider> StartAsync(Action<SecurityOptions>? configure = null, DateTimeOffset? start = null)
    {
        var provider = SecurityServices.Start(
            security =>
            {
                security.Services.AddSingleton<TimeProvider>(new FakeTimeProvider(start ?? Keyrings.Start));
                return security.UsePostgreSql(_database);
            },
            configure,
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
}
