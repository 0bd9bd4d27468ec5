using Autom8.Security.Audit;
using Autom8.Security.Keys;
using Autom8.Storage;
using Autom8.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Security.Tests.Audit;

/// <summary>The background service of a host: it seals within a second, whatever happens, and once more when it stops.</summary>
public sealed class AuditSealingTests : IDisposable
{
    private static readonly AuditEntry Entry = new("a.b", AuditActor.System, "thing", null);

    private readonly TemporaryFolder folder = new();
    private readonly FakeTimeProvider time = new(Keyrings.Start);

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task What_is_appended_is_sealed_within_a_second_and_anchored_and_the_rest_at_the_end()
    {
        var anchor = folder.Combine("anchor.txt");
        using (var host = Build(("AnchorFile", anchor), ("CheckpointEvery", "00:00:01")))
        {
            await host.StartAsync();
            var log = host.Services.GetRequiredService<IAuditLog>();
            var verifier = host.Services.GetRequiredService<IAuditVerifier>();
            await log.AppendAsync(Entry, CancellationToken.None);
            await UntilAsync(async () => (await verifier.VerifyAsync()) is { Sealed: 1, Anchored: 1, Holds: true });

            await log.AppendAsync(Entry, CancellationToken.None);
            await host.StopAsync();
        }

        using var again = Build(("AnchorFile", anchor));
        await again.Services.GetRequiredService<KeyringProvider>().InitializeAsync();
        Assert.Equal(2, (await again.Services.GetRequiredService<IAuditVerifier>().VerifyAsync()).Sealed);
    }

    [Fact]
    public async Task It_goes_on_after_a_failure()
    {
        using var host = Build();
        await host.StartAsync();
        var database = host.Services.GetRequiredService<DatabaseRegistry>().Sqlite("Data Source=" + folder.Combine("data", "autom8.db"));
        await ExecuteAsync("alter table autom8_audit_seal rename to away");
        await host.Services.GetRequiredService<IAuditLog>().AppendAsync(Entry, CancellationToken.None);
        time.Advance(TimeSpan.FromSeconds(1));
        await ExecuteAsync("alter table away rename to autom8_audit_seal");
        var verifier = host.Services.GetRequiredService<IAuditVerifier>();
        await UntilAsync(async () => (await verifier.VerifyAsync()).Sealed == 1);
        await host.StopAsync();

        async ValueTask ExecuteAsync(string sql) =>
            await database.WriteAsync(sql, static (session, sql, _) => ValueTask.FromResult(session.Command(sql).ExecuteNonQuery()));
    }

    [Fact]
    public async Task What_is_older_than_it_is_kept_is_given_up()
    {
        using var host = Build(("KeepFor", "30.00:00:00"));
        await host.StartAsync();
        var log = host.Services.GetRequiredService<IAuditLog>();
        var verifier = host.Services.GetRequiredService<IAuditVerifier>();
        await log.AppendAsync(Entry, CancellationToken.None);
        await UntilAsync(async () => (await verifier.VerifyAsync()) is { Sealed: 1, Newest: not null });
        time.Advance(TimeSpan.FromDays(31));
        await UntilAsync(async () => (await verifier.VerifyAsync()) is { Begins: 1, Holds: true });
        var record = Assert.Single((await log.ListAsync(new AuditQuery(), CancellationToken.None)).Records);
        Assert.Equal(("audit.cut", "system"), (record.Action, record.User));
        await host.StopAsync();
    }

    [Theory]
    [InlineData("SealEvery", "00:00:02")]
    [InlineData("CheckpointEvery", "2.00:00:00")]
    [InlineData("CheckpointEntries", "0")]
    [InlineData("AnchorFile", "anchor.txt")]
    [InlineData("KeepFor", "00:10:00")]
    public async Task A_wrong_setting_is_named(string setting, string value)
    {
        using var host = Build((setting, value));
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Contains("Autom8:Security:Audit:" + setting, refused.Message, StringComparison.Ordinal);
    }

    private IHost Build(params (string Name, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<TimeProvider>(time);
        foreach (var (name, value) in settings)
        {
            builder.Configuration["Autom8:Security:Audit:" + name] = value;
        }

        builder.Services.AddAutom8Security().UseSqlite("Data Source=" + folder.Combine("data", "autom8.db"));
        return builder.Build();
    }

    // The clock is moved until the service, on a thread of its own, has seen it.
    private async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var i = 0; !await condition(); i++)
        {
            Assert.True(i < 20_000, "It does not come about.");
            time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }
    }
}
