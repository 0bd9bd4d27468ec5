using System.CommandLine;
using Autom8.Cli;
using Autom8.Client;

var root = new RootCommand("Works with an Autom8 service from the command line.")
{
    LoginCommand.Create(),
    ContactsCommand.Create(),
    AuditCommand.Create(),
    KeysCommand.Create(),
};
try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
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
