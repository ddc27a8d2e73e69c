/* Random numbers for programs by Rust's standard library: Wine 8 lacks this DLL of Windows. */

#include <windows.h>
#include <ntsecapi.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(PUCHAR into, SIZE_T length)
{
    return RtlGenRandom(into, (ULONG)length);
}
