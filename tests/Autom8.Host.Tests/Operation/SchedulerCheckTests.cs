using Autom8.Hosting;
using Autom8.Scheduling.Monitoring;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Autom8.Host.Tests.Operation;

/// <summary>The health check tells a node that is to run tasks and is no member of the cluster from one that is not to.</summary>
public sealed class SchedulerCheckTests
{
    [Theory]
    [InlineData("true", HealthStatus.Degraded)]
    [InlineData("false", HealthStatus.Healthy)]
    public async Task A_node_that_should_run_tasks_and_is_no_member_is_degraded(string runTasks, HealthStatus expected)
    {
        using var folder = new TemporaryFolder();
        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Autom8:Scheduling:RunTasks"] = runTasks })
            .Build();
        var services = new ServiceCollection().AddSingleton<IConfiguration>(settings);
        services.AddAutom8Scheduling().UseSqlite("Data Source=" + folder.Combine("data", "autom8.db"));
        await using var provider = services.BuildServiceProvider();

        var result = await new SchedulerCheck(provider.GetRequiredService<SchedulerHealth>()).CheckHealthAsync(new HealthCheckContext());

        Assert.Equal(expected, result.Status);
    }
}
