using System.Globalization;

namespace Drill;

/// <summary>Disks of servers that fail when they are told to (native/disk/libc.c). A server that is started again has a whole one.</summary>
internal sealed class FailingDisks(string folder)
{
    /// <summary>What every server is started with.</summary>
    public Dictionary<string, string> Environment { get; } =
        new(StringComparer.Ordinal)
        {
            ["LD_LIBRARY_PATH"] = NativePrograms.Folder,
            ["LD_PRELOAD"] = NativePrograms.Disk,
            ["HATCHERY_DRILL_DISKS"] = Directory.CreateDirectory(folder).FullName,
        };

    /// <summary>From now on no sync succeeds.</summary>
    public void FailSyncs(int process) => Say(process, 's');

    /// <summary>From now on nothing more can be written.</summary>
    public void Fill(int process) => Say(process, 'f');

    /// <summary>From now on nothing can be written, synced or read.</summary>
    public void Lose(int process) => Say(process, 'l');

    public void Mend(int process) => Say(process, '-');

    // Into the file that is there: the server has it mapped.
    private void Say(int process, char state)
    {
        using var file = File.Open(
            Path.Combine(folder, process.ToString(CultureInfo.InvariantCulture)),
            FileMode.Open,
            FileAccess.Write
        );
        file.WriteByte((byte)state);
    }
}
