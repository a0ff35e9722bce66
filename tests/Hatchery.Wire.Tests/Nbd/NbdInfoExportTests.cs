using Hatchery.Wire.Nbd;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Nbd;

public sealed class NbdInfoExportTests(ITestOutputHelper output) : FixedWireFacts<NbdInfoExport>(output)
{
    protected override NbdInfoExport Example =>
        new(0x0102030405060708, NbdTransmissionFlags.HasFlags | NbdTransmissionFlags.SendFlush);

    protected override string ExampleHex => "0000 0102030405060708 0005";
}
