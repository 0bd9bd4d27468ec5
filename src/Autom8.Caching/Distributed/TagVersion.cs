namespace Autom8.Caching.Distributed;

/// <summary>A tag and the version it had: equal versions mean that it was not removed in between.</summary>
internal readonly record struct TagVersion(string Tag, ulong Version);
