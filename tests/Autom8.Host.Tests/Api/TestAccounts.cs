using System.Text.Json;
using Autom8.Host.Tests.Running;

namespace Autom8.Host.Tests.Api;

/// <summary>Accounts as an administrator makes them.</summary>
internal static class TestAccounts
{
    public const string Password = "a password of their own";
    private static int _made;

    public static string NewName(string role) => $"{role}.{Interlocked.Increment(ref _made)}";

    /// <summary>Makes an account and returns its id and its one-time password.</summary>
    public static async Task<(string Id, string OneTimePassword)> CreateAsync(HttpClient administrator, string name, params string[] roles)
    {
        var body = JsonSerializer.Serialize(new { name, roles });
        var answer = await administrator.CallAsync("POST", "/api/v1/accounts", body).JsonAsync(201);
        return (answer.GetProperty("account").GetProperty("id").GetString()!, answer.GetProperty("oneTimePassword").GetString()!);
    }

    public static Task<HttpResponseMessage> LoginAsync(this HttpClient http, string name, string password) =>
        http.CallAsync("POST", "/api/v1/auth/login", JsonSerializer.Serialize(new { name, password }));

    public static Task<HttpResponseMessage> ChangePasswordAsync(
        this HttpClient http,
        string name,
        string currentPassword,
        string newPassword
    ) =>
        http.CallAsync(
            "POST",
            "/api/v1/auth/password",
            JsonSerializer.Serialize(
                new
                {
                    name,
                    currentPassword,
                    newPassword,
                }
            )
        );

    public static async Task<string> TokenAsync(this HttpClient http, string name, string password) =>
        (await http.LoginAsync(name, password).JsonAsync()).GetProperty("accessToken").GetString()!;

    /// <summary>A client signed in to a new account that has these roles and a password of its own, <see cref="Password"/>.</summary>
    public static async Task<(HttpClient Http, string Name, string Id)> SignInAsync(this ServiceFixture service, params string[] roles)
    {
        var name = NewName(roles[0]);
        var (id, oneTime) = await CreateAsync(await service.AdministratorAsync(), name, roles);
        var http = service.CreateHttpClient();
        await http.ChangePasswordAsync(name, oneTime, Password).StatusAsync(204);
        http.UseToken(await http.TokenAsync(name, Password));
        return (http, name, id);
    }
}
