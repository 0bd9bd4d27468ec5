using System.Globalization;
using System.Net;
using Autom8.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using static Autom8.AotSmoke.SmokeCheck;

namespace Autom8.AotSmoke;

internal static class ServiceChecks
{
    public static IEnumerable<SmokeCheck> All => [new("The composed service takes a sign-in and contacts from the client", ServesAsync)];

    private static async Task ServesAsync()
    {
        using var scratch = new Scratch();
        var builder = WebApplication.CreateSlimBuilder(["--Autom8:DataFolder=" + scratch.DataFolder, "--urls=http://127.0.0.1:0"]);
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.Services.AddAutom8(builder.Configuration);
        builder.Services.AddAutom8Api();
        await using var app = builder.Build();
        app.UseAutom8();
        app.MapAutom8();
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

        using var http = new HttpClient { BaseAddress = new Uri(address) };
        var client = new Autom8Client(http);
        var oneTime = (await File.ReadAllTextAsync(Path.Combine(scratch.KeyFolder, "admin.one-time-password"))).Trim();
        await client.ChangePasswordAsync("admin", oneTime, "correct horse battery staple");
        await client.LoginAsync("admin", "correct horse battery staple");
        var ada = await client.CreateContactAsync(
            new ContactDraft { Name = "Ada", Emails = [new LabelledValue("ada@example.org", "work")] }
        );
        var found = await client.FindByEmailAsync("ADA@example.org");
        var ready = await http.GetStringAsync("health/ready");
        var document = await http.GetStringAsync("openapi/v1.json");
        var stale = await RefusedAsync(() => client.UpdateContactAsync(ada.Id, ada, expectedVersion: 7));

        Require(found.Count == 1 && found[0].Id == ada.Id, string.Create(CultureInfo.InvariantCulture, $"Found {found.Count} contacts."));
        Require(ready.Contains("\"ready\"", StringComparison.Ordinal), ready);
        Require(document.Contains("/api/v1/contacts/search", StringComparison.Ordinal), "The OpenAPI document lacks the search.");
        Require(stale == HttpStatusCode.PreconditionFailed, $"A stale version was answered {stale}.");
        await app.StopAsync();
    }

    private static async Task<HttpStatusCode?> RefusedAsync(Func<Task> request)
    {
        try
        {
            await request();
            return null;
        }
        catch (Autom8ApiException refused)
        {
            return refused.StatusCode;
        }
    }
}
