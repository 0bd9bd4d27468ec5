using System.Text.Json;
using Autom8.Client;
using Autom8.Host.Tests.Running;

namespace Autom8.Host.Tests.Api;

/// <summary>Staying signed in and signing out, over HTTP.</summary>
[Collection(ApiCollection.Name)]
public sealed class SessionTests(ServiceFixture service)
{
    [Fact]
    public async Task A_refresh_answers_with_a_new_access_token_and_the_next_refresh_token()
    {
        var (http, name, _) = await service.SignInAsync("viewer");
        using var __ = http;
        var first = await http.LoginAsync(name, TestAccounts.Password).JsonAsync();
        Assert.InRange(first.GetProperty("refreshExpiresIn").GetInt64(), 7 * 86_400 - 60, 7 * 86_400);

        var second = await RefreshAsync(http, Token(first)).JsonAsync();

        Assert.NotEqual(Token(first), Token(second));
        Assert.InRange(second.GetProperty("expiresIn").GetInt64(), 590, 600);
        http.UseToken(second.GetProperty("accessToken").GetString()!);
        await http.CallAsync("GET", "/api/v1/auth/me").StatusAsync(200);
        // The answer was lost: the same successor, within the grace.
        Assert.Equal(Token(second), Token(await RefreshAsync(http, Token(first)).JsonAsync()));
        await RefreshAsync(http, Token(second)).StatusAsync(200);
    }

    [Fact]
    public async Task What_is_no_refresh_token_is_401_and_a_sign_out_of_it_changes_nothing()
    {
        using var http = service.CreateHttpClient();
        foreach (var text in (string[])["", "a8r_", "nonsense", new('x', 10_000)])
        {
            await ProblemAnswer.ReadAsync(RefreshAsync(http, text), 401, "session-ended");
            await LogoutAsync(http, text).StatusAsync(204);
        }

        await ProblemAnswer.ReadAsync(http.CallAsync("POST", "/api/v1/auth/refresh", "{}"), 400, "invalid-request");
    }

    [Fact]
    public async Task After_a_sign_out_the_refresh_token_is_dead_and_other_sign_ins_are_not()
    {
        var (http, name, id) = await service.SignInAsync("viewer");
        using var __ = http;
        var here = Token(await http.LoginAsync(name, TestAccounts.Password).JsonAsync());
        var there = Token(await http.LoginAsync(name, TestAccounts.Password).JsonAsync());

        await LogoutAsync(http, here).StatusAsync(204);

        await ProblemAnswer.ReadAsync(RefreshAsync(http, here), 401, "session-ended");
        await RefreshAsync(http, there).StatusAsync(200);
        var audit = await (await service.AdministratorAsync())
            .CallAsync("GET", $"/api/v1/audit?action=session.signed_out&resourceId={id}")
            .JsonAsync();
        Assert.Equal(1, audit.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task A_sign_out_everywhere_ends_every_token_of_the_account_and_no_one_elses()
    {
        var (http, name, _) = await service.SignInAsync("viewer");
        using var __ = http;
        var refresh = Token(await http.LoginAsync(name, TestAccounts.Password).JsonAsync());
        await http.CallAsync("GET", "/api/v1/auth/me").StatusAsync(200);

        await http.CallAsync("POST", "/api/v1/auth/logout-everywhere").StatusAsync(204);

        await ProblemAnswer.ReadAsync(http.CallAsync("GET", "/api/v1/auth/me"), 401, "unauthenticated");
        await ProblemAnswer.ReadAsync(RefreshAsync(http, refresh), 401, "session-ended");
        await (await service.AdministratorAsync()).CallAsync("GET", "/api/v1/auth/me").StatusAsync(200);
        await http.LoginAsync(name, TestAccounts.Password).StatusAsync(200);
    }

    [Fact]
    public async Task A_change_of_password_ends_the_refresh_tokens()
    {
        var (http, name, _) = await service.SignInAsync("viewer");
        using var __ = http;
        var refresh = Token(await http.LoginAsync(name, TestAccounts.Password).JsonAsync());
        await http.ChangePasswordAsync(name, TestAccounts.Password, "another password altogether").StatusAsync(204);
        await ProblemAnswer.ReadAsync(RefreshAsync(http, refresh), 401, "session-ended");
    }

    [Fact]
    public async Task A_client_refreshes_its_session_by_itself_once_for_all_and_keeps_what_it_is_answered()
    {
        var (http, name, _) = await service.SignInAsync("viewer");
        http.Dispose();
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UtcNow);
        var store = new MemoryStore();
        using var own = service.CreateHttpClient();
        var client = new Autom8Client(own, time);
        store.Kept = await client.LoginAsync(name, TestAccounts.Password);
        client.UseSession(store.Kept, store);
        await client.FindByEmailAsync("nobody@example.org");
        Assert.Equal(0, store.Writes);

        time.Advance(TimeSpan.FromSeconds(575));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => client.FindByEmailAsync("nobody@example.org")));
        Assert.Equal(1, store.Writes);

        // Another process has refreshed meanwhile: its session is taken over, and the token that is used up is not presented again.
        using var others = service.CreateHttpClient();
        store.Kept = await new Autom8Client(others, time).RefreshAsync(store.Kept.RefreshToken!) with
        {
            ExpiresAt = time.GetUtcNow().AddHours(1),
        };
        time.Advance(TimeSpan.FromSeconds(590));
        await client.FindByEmailAsync("nobody@example.org");
        Assert.Equal(1, store.Writes);
    }

    internal static Task<HttpResponseMessage> RefreshAsync(HttpClient http, string refreshToken) =>
        http.CallAsync("POST", "/api/v1/auth/refresh", JsonSerializer.Serialize(new { refreshToken }));

    private static Task<HttpResponseMessage> LogoutAsync(HttpClient http, string refreshToken) =>
        http.CallAsync("POST", "/api/v1/auth/logout", JsonSerializer.Serialize(new { refreshToken }));

    private static string Token(JsonElement session) => session.GetProperty("refreshToken").GetString()!;

    private sealed class MemoryStore : ISessionStore
    {
        public Session Kept { get; set; } = null!;

        public int Writes { get; private set; }

        public ValueTask<Session?> ReadAsync(CancellationToken cancellationToken) => ValueTask.FromResult<Session?>(Kept);

        public ValueTask WriteAsync(Session session, CancellationToken cancellationToken)
        {
            Writes++;
            Kept = session;
            return ValueTask.CompletedTask;
        }
    }
}
