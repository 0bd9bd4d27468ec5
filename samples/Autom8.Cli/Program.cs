using System.CommandLine;
using Autom8.Cli;
using Autom8.Client;

var root = new RootCommand("Works with an Autom8 service from the command line.")
{
    LoginCommand.Create(),
    LogoutCommand.Create(),
    SecondFactorCommand.Create(),
    ApiKeysCommand.Create(),
    ContactsCommand.Create(),
    TasksCommand.Create(),
    JobsCommand.Create(),
    QueuesCommand.Create(),
    AuditCommand.Create(),
    KeysCommand.Create(),
};
var apiKey = new Option<string?>("--api-key")
{
    Description = "An API key in place of a sign-in. Others on this machine can read a command line: rather set AUTOM8_API_KEY.",
    DefaultValueFactory = _ => Environment.GetEnvironmentVariable("AUTOM8_API_KEY"),
    Recursive = true,
};
root.Options.Add(apiKey);
try
{
    var parsed = root.Parse(args);
    StoredSession.ApiKey = parsed.GetValue(apiKey);
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception error)
    when (error is UsageException or Autom8ApiException or HttpRequestException or IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync("autom8: " + Explanation.Of(error));
    return ExitCodes.Failed;
}
catch (OperationCanceledException)
{
    await Console.Error.WriteLineAsync("autom8: cancelled");
    return ExitCodes.Cancelled;
}
