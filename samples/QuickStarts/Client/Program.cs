using Autom8.Client;

if (args is not [var server, var name, var password])
{
    Console.WriteLine("Say where the service is and who you are: http://127.0.0.1:8080 NAME PASSWORD");
    return;
}

using var http = new HttpClient { BaseAddress = new Uri(server) };
var autom8 = new Autom8Client(http);
try
{
    await autom8.LoginAsync(name, password);
    var ada = await autom8.CreateContactAsync(new ContactDraft { Name = "Ada Lovelace", Emails = [new("ada@example.org", "work")] });
    foreach (var found in await autom8.FindByEmailAsync("ADA@example.org"))
    {
        Console.WriteLine($"{found.Name}, version {found.Version}");
    }

    await autom8.DeleteContactAsync(ada.Id, ada.Version);
}
catch (Autom8ApiException refused)
{
    Console.WriteLine(refused.Message); // such as: The name or the password is wrong (401).
}
