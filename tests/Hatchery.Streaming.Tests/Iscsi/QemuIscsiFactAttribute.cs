namespace Hatchery.Streaming.Tests.Iscsi;

/// <summary>A test that needs QEMU's iSCSI driver, which Debian packages apart.</summary>
internal sealed class QemuIscsiFactAttribute : FactAttribute
{
    private const string Drivers = "/usr/lib/x86_64-linux-gnu/qemu";

    public QemuIscsiFactAttribute()
    {
        if (!File.Exists(Path.Combine(Drivers, "block-iscsi.so")))
            Skip = "needs QEMU's iSCSI driver (Debian: qemu-block-extra)";
    }
}
