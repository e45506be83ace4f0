import { useNow } from '../../time/now'
import { browserZone, localDate } from '../../time/zone'

/** Today's date in a zone; dates of work orders have none of their own. */
export const useToday = (zone?: string) => localDate(useNow(), zone ?? browserZone)
