using Autom8.Hosting;
using Autom8.Security.Audit;
using Autom8.Security.Keys;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Host.Tests.Operation;

/// <summary>The health check says which keys are still needed, and by how many rows.</summary>
public sealed class KeyringCheckTests : IKeyUsage
{
    private readonly List<KeyUse> _uses = [];

    public ValueTask<IReadOnlyList<KeyUse>> CountAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<KeyUse>>([.. _uses]);

    [Fact]
    public async Task An_old_key_that_rows_need_degrades_and_a_lost_one_is_unhealthy()
    {
        using var folder = new TemporaryFolder();
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(time).AddSingleton<IKeyUsage>(this);
        services.AddAutom8Security().UseSqlite("Data Source=" + folder.Combine("data", "autom8.db"));
        await using var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<KeyringProvider>().InitializeAsync();
        var keys = provider.GetRequiredService<KeyLifecycle>();
        var check = new KeyringCheck(keys);
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(check)).Status);

        var old = provider.GetRequiredService<IKeyringProvider>().Current.Active(KeyPurpose.FieldEncryption).Id;
        var rotation = await keys.RotateAsync(KeyPurpose.FieldEncryption, AuditActor.System);
        _uses.Add(new KeyUse(KeyPurpose.FieldEncryption, old, "contact", 12));
        _uses.Add(new KeyUse(KeyPurpose.FieldEncryption, rotation.Key, "contact", 3));
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(check)).Status); // counted a moment ago
        time.Advance(TimeSpan.FromMinutes(5));
        var degraded = await CheckAsync(check);
        Assert.Equal(HealthStatus.Degraded, degraded.Status);
        var (key, rows) = Assert.Single(degraded.Data);
        Assert.Equal($"FieldEncryption {old}", key);
        Assert.Equal(12L, Assert.IsType<Dictionary<string, long>>(rows)["contact"]);

        var lost = KeyId.Of(KeyPurpose.Audit, "a key that nobody has"u8);
        _uses.Add(new KeyUse(KeyPurpose.Audit, lost, "audit_log", 5));
        time.Advance(TimeSpan.FromMinutes(5));
        var unhealthy = await CheckAsync(check);
        Assert.Equal(HealthStatus.Unhealthy, unhealthy.Status);
        Assert.Equal($"Audit {lost}", Assert.Single(unhealthy.Data).Key);
    }

    private static Task<HealthCheckResult> CheckAsync(KeyringCheck check) => check.CheckHealthAsync(new HealthCheckContext());
}
