using System.Net;
using System.Text;
using Autom8.Client;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Host.Tests.Api;

/// <summary>A client's refresh against a service that answers when the test says: a token that was sent is used up, so that its answer must not be lost.</summary>
public sealed class ClientRefreshTests
{
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));
    private readonly Service service = new();
    private readonly Store store = new();
    private readonly Autom8Client client;

    public ClientRefreshTests()
    {
        client = new Autom8Client(new HttpClient(service) { BaseAddress = new Uri("https://contacts.example/") }, time);
        client.UseSession(new Session("access-0", 600, [], "refresh-0") { ExpiresAt = time.GetUtcNow() }, store);
    }

    [Fact]
    public async Task Whoever_gives_up_waiting_neither_cancels_the_refresh_nor_loses_its_answer()
    {
        using var impatient = new CancellationTokenSource();
        var gate = service.Hold();
        var first = client.FindByEmailAsync("a@example.org", impatient.Token);
        await service.Refreshing;
        var second = client.FindByEmailAsync("a@example.org");
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        gate.SetResult();
        await second;

        Assert.Equal(["refresh-0"], service.Presented);
        Assert.Equal("refresh-1", store.Kept?.RefreshToken);
        Assert.Equal("access-1", service.LastAccess);
    }

    [Fact]
    public async Task A_session_that_cannot_be_kept_is_told_once_and_used_all_the_same()
    {
        store.Failure = new IOException("disk full");
        Assert.Same(store.Failure, await Assert.ThrowsAsync<IOException>(() => client.FindByEmailAsync("a@example.org")));
        store.Failure = null;
        await client.FindByEmailAsync("a@example.org");

        Assert.Equal(["refresh-0"], service.Presented);
        Assert.Equal("access-1", service.LastAccess);
    }

    [Fact]
    public async Task A_service_that_never_answers_is_given_up_within_the_grace_and_asked_again_later()
    {
        var gate = service.Hold();
        var asking = client.FindByEmailAsync("a@example.org");
        await service.Refreshing;
        time.Advance(TimeSpan.FromSeconds(8));
        await Assert.ThrowsAsync<HttpRequestException>(() => asking);
        gate.SetResult();
        await client.FindByEmailAsync("a@example.org");
        Assert.Equal(["refresh-0", "refresh-0"], service.Presented);
    }

    [Fact]
    public async Task A_sign_in_and_a_refresh_by_hand_are_kept_too()
    {
        await client.LoginAsync("ana", "password");
        Assert.Equal("refresh-1", store.Kept?.RefreshToken);
        Assert.Equal("refresh-2", (await client.RefreshAsync("refresh-1")).RefreshToken);
        Assert.Equal("refresh-2", store.Kept?.RefreshToken);
        await client.FindByEmailAsync("a@example.org");
        Assert.Equal("access-2", service.LastAccess);
    }

    private sealed class Store : ISessionStore
    {
        public Session? Kept { get; private set; }

        public Exception? Failure { get; set; }

        public ValueTask<Session?> ReadAsync(CancellationToken cancellationToken) => ValueTask.FromResult(Kept);

        public ValueTask WriteAsync(Session session, CancellationToken cancellationToken)
        {
            if (Failure is not null)
            {
                throw Failure;
            }

            Kept = session;
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>Answers each sign-in and refresh with the next session, and a search with nothing.</summary>
    private sealed class Service : HttpMessageHandler
    {
        private readonly TaskCompletionSource refreshing = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TaskCompletionSource? gate;
        private int sessions;

        public List<string> Presented { get; } = [];

        public string? LastAccess { get; private set; }

        /// <summary>A refresh has come in.</summary>
        public Task Refreshing => refreshing.Task;

        /// <summary>The next refresh is not answered before the gate is opened.</summary>
        public TaskCompletionSource Hold() => gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var path = request.RequestUri!.AbsolutePath;
            if (path.EndsWith("/auth/refresh", StringComparison.Ordinal))
            {
                var body = await request.Content!.ReadAsStringAsync(cancellationToken);
                Presented.Add(body.Split('"')[3]);
                refreshing.TrySetResult();
                if (Interlocked.Exchange(ref gate, null) is { } closed)
                {
                    await closed.Task.WaitAsync(cancellationToken);
                }
            }
            else if (!path.EndsWith("/auth/login", StringComparison.Ordinal))
            {
                LastAccess = request.Headers.Authorization?.Parameter;
                return Json("""{"items":[]}""");
            }

            var number = ++sessions;
            return Json(
                $$"""{"accessToken":"access-{{number}}","expiresIn":600,"roles":[],"refreshToken":"refresh-{{number}}","refreshExpiresIn":60}"""
            );
        }

        private static HttpResponseMessage Json(string json) =>
            new(HttpStatusCode.OK) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
    }
}
