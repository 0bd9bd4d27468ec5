using Autom8.Client;
using Autom8.Host.Tests.Running;
using Autom8.Scheduling.Jobs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Autom8.Host.Tests.Api;

/// <summary>A job of the application's own that dies: over HTTP it is seen, and given its attempts again.</summary>
public sealed class DeadJobTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private volatile bool _isBroken = true;
    private WebApplication _app = null!;
    private HttpClient _http = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = _folder.Path });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Autom8:DataFolder"] = _folder.Combine("data") });
        builder.Services.AddAutom8(builder.Configuration);
        builder.Services.AddAutom8Api();
        builder
            .Services.AddAutom8Scheduling()
            .AddJob(
                "letters",
                declare: null,
                (_, _) => _isBroken ? throw new InvalidOperationException("no paper") : ValueTask.CompletedTask
            );
        _app = builder.Build();
        _app.UseAutom8();
        _app.MapAutom8();
        await _app.StartAsync();
        _http = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()) };
        var client = new Autom8Client(_http);
        var password = await File.ReadAllTextAsync(_folder.Combine("data-keys/admin.one-time-password"));
        await client.ChangePasswordAsync("admin", password.Trim(), ServiceFixture.AdministratorPassword);
        _http.UseToken((await client.LoginAsync("admin", ServiceFixture.AdministratorPassword)).AccessToken);
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_dead_job_that_is_requeued_runs_and_is_finished()
    {
        var id = await _app.Services.GetRequiredService<IJobQueue>().EnqueueAsync("letters", payload: null);
        var path = "/api/v1/jobs/" + id;
        var dead = await StateAsync(path, "dead");
        Assert.Contains("no paper", dead.GetProperty("errorMessage").GetString(), StringComparison.Ordinal);
        var list = await _http.CallAsync("GET", "/api/v1/jobs?state=dead").JsonAsync();
        Assert.Equal(id, Assert.Single(list.GetProperty("items").EnumerateArray()).GetProperty("id").GetGuid());

        _isBroken = false;
        await _http.CallAsync("POST", path + "/requeue").StatusAsync(202);

        await StateAsync(path, "finished");
        var attempts = await _http.CallAsync("GET", path + "/executions").JsonAsync();
        Assert.Equal(
            ["succeeded", "failed"],
            attempts.GetProperty("items").EnumerateArray().Select(run => run.GetProperty("status").GetString())
        );
        var audit = await _http.CallAsync("GET", "/api/v1/audit?action=job.requeued&resourceId=" + id).JsonAsync();
        Assert.Equal("admin", Assert.Single(audit.GetProperty("items").EnumerateArray()).GetProperty("user").GetString());
        var statistics = await _http.CallAsync("GET", "/api/v1/jobs/statistics?job=letters").JsonAsync();
        Assert.Equal(0.5, statistics.GetProperty("failureRate").GetDouble());
    }

    private Task<System.Text.Json.JsonElement> StateAsync(string path, string state) =>
        Eventually.UntilAsync(() => _http.CallAsync("GET", path).JsonAsync(), job => job.GetProperty("state").GetString() == state);
}
