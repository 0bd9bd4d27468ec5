using Autom8.AotSmoke;

SmokeCheck[] checks =
[
    .. GlobalizationChecks.All,
    .. StorageChecks.All,
    .. SecurityChecks.All,
    .. CachingChecks.All,
    .. SchedulingChecks.All,
    .. MetricsChecks.All,
    .. ContactsChecks.All,
    .. ServiceChecks.All,
];
var failed = 0;
foreach (var check in checks)
{
    try
    {
        await check.RunAsync();
        Console.WriteLine($"ok    {check.Claim}");
    }
#pragma warning disable CA1031 // every check has its say
    catch (Exception failure)
#pragma warning restore CA1031
    {
        failed++;
        Console.WriteLine($"wrong {check.Claim}: {failure}");
    }
}
return failed == 0 ? 0 : 1;
