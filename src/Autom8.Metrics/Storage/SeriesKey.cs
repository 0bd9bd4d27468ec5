using System.Security.Cryptography;
using System.Text;

namespace Autom8.Metrics.Storage;

/// <summary>The short form of a series' tags under which it is unique.</summary>
internal static class SeriesKey
{
    public static byte[] HashOf(MetricTags tags) => SHA256.HashData(Encoding.UTF8.GetBytes(tags.ToJson()))[..16];
}
