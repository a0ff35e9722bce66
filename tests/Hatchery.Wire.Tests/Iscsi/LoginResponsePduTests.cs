using Hatchery.Wire.Iscsi;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Iscsi;

public sealed class LoginResponsePduTests(ITestOutputHelper output) : FixedWireFacts<LoginResponsePdu>(output)
{
    protected override LoginResponsePdu Example =>
        new(
            true,
            false,
            LoginStage.Security,
            LoginStage.Operational,
            5,
            1,
            2,
            new Isid(0x400001370000),
            0x1234,
            0xaabbccdd,
            new SequenceNumbers(0xa1, 0xa2, 0xa3),
            LoginStatus.NotFound
        );

    protected override string ExampleHex =>
        "23 81 01 02 00 000005 400001370000 1234 aabbccdd 00000000 000000a1 000000a2 000000a3 0203 00000000000000000000";
}
