using Hatchery.Wire.Iscsi;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Iscsi;

public sealed class LoginRequestPduTests(ITestOutputHelper output) : FixedWireFacts<LoginRequestPdu>(output)
{
    protected override LoginRequestPdu Example =>
        new(
            true,
            true,
            false,
            LoginStage.Operational,
            LoginStage.FullFeature,
            0x010203,
            1,
            2,
            new Isid(0x400001370000),
            0x1234,
            0xaabbccdd,
            7,
            0xb1,
            0xb2
        );

    protected override string ExampleHex =>
        "43 87 01 02 00 010203 400001370000 1234 aabbccdd 0007 0000 000000b1 000000b2 00000000000000000000000000000000";
}
