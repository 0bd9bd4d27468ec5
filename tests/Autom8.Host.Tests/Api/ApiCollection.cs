using Autom8.Host.Tests.Running;

namespace Autom8.Host.Tests.Api;

/// <summary>The classes that share one service.</summary>
[CollectionDefinition(Name)]
public sealed class ApiCollection : ICollectionFixture<ServiceFixture>
{
    public const string Name = "API";
}
