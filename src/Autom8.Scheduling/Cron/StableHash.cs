namespace Autom8.Scheduling.Cron;

/// <summary>A hash that is the same in every process, on every machine and in every version: schedules are spread by it.</summary>
internal static class StableHash
{
    /// <summary>FNV-1a over text and number, finished by MurmurHash3's mixer, without which the low bits of short texts would be poor.</summary>
    public static ulong Of(string text, long number)
    {
        ulong hash = 14_695_981_039_346_656_037;
        foreach (char c in text)
        {
            hash = (hash ^ c) * 1_099_511_628_211;
        }

        hash = (hash ^ (ulong)number) * 1_099_511_628_211;
        hash = (hash ^ hash >> 33) * 0xFF51_AFD7_ED55_8CCD;
        hash = (hash ^ hash >> 33) * 0xC4CE_B9FE_1A85_EC53;
        return hash ^ hash >> 33;
    }
}
