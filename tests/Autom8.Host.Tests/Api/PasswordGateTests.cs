using Autom8.Host.Tests.Running;

namespace Autom8.Host.Tests.Api;

/// <summary>A service that hashes one password at a time, slowly, and lets nobody wait.</summary>
public sealed class NarrowServiceFixture : ServiceFixture
{
    protected override async Task<IReadOnlyDictionary<string, string>> ConfigureAsync() =>
        new Dictionary<string, string>(await base.ConfigureAsync())
        {
            ["Autom8:Security:Passwords:MaxConcurrentHashes"] = "1",
            ["Autom8:Security:Passwords:QueueLimit"] = "0",
            ["Autom8:Security:Passwords:RetryAfter"] = "00:00:07",
            ["Autom8:Security:Passwords:MemoryKiB"] = "131072",
            ["Autom8:Security:Passwords:Passes"] = "8",
        };
}

/// <summary>The bound on memory for hashes, seen from outside.</summary>
public sealed class PasswordGateTests(NarrowServiceFixture service) : IClassFixture<NarrowServiceFixture>
{
    [Fact]
    public async Task More_sign_ins_at_once_than_there_is_memory_for_are_503_and_told_when_to_come_back()
    {
        using var http = service.CreateHttpClient();
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 12).Select(i => ProblemAnswer.ReadAsync(http.LoginAsync($"guess{i}", "not the password")))
        );

        var busy = answers.Where(answer => answer.Status == 503).ToArray();
        Assert.NotEmpty(busy);
        Assert.All(busy, answer => Assert.Equal(("busy", 7), (answer.Kind, answer.RetryAfter())));
        Assert.All(answers.Except(busy), answer => Assert.Equal((401, "sign-in-refused"), (answer.Status, answer.Kind)));
        Assert.NotEqual(busy.Length, answers.Length);

        await http.LoginAsync("admin", ServiceFixture.AdministratorPassword).StatusAsync(200);
    }
}
